// All media streams of this process, on a thread of their own: a peer that floods or stalls costs no call anything.
//
// Thread: control, for everything public. Owner: App.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "stream/stream.hpp"

namespace boni::egress { struct Policy; }

namespace boni::stream {

class Streams {
  public:
    /// Starts the thread. `policy` outlives this. Throws std::runtime_error as the resolver and the client do.
    Streams(egress::Policy const& policy, asio::any_io_executor control);
    /// Streams that are left say goodbye first, for at most 2 s; it waits for them.
    ~Streams();
    Streams(Streams const&) = delete;

    /// `tell` runs on the control executor, Ended last and once, also after the Stream was destroyed.
    std::unique_ptr<Stream> open(Wanted wanted, std::function<void(Told)> tell);

  private:
    struct Inner;
    std::shared_ptr<Inner> inner_;       // shared with what is on its way to the thread
};

}  // namespace boni::stream
