// Asks a UDP port whether anybody listens there, so that a call to nobody does not wait 32 s for the INVITE to time out.
//
// ICMP port unreachable is told to a connected socket only, which the stack's is not. Sent is the keep-alive of RFC 5626 3.5.1, two line
// breaks that no SIP server answers over UDP. Thread and owner: the phone's.
#pragma once

#include <functional>

#include <boost/asio/ip/udp.hpp>

#include "base/address.hpp"
#include "base/task.hpp"

namespace boni::cli {

class Knock {
  public:
    /// `refused` is called at most once, on `where`, and not after the Knock has gone.
    Knock(asio::any_io_executor where, Address const& server, std::function<void()> refused);

  private:
    asio::ip::udp::socket socket_;
};

}  // namespace boni::cli
