// The messages of one call as support may see them, within a bound. Thread: SIP; handed out by value.
#pragma once

#include <string_view>
#include <vector>

#include "sip/endpoint.hpp"

namespace boni::sip {

class Ladder {
  public:
    /// Secrets are redacted here; beyond ladder_bytes_max only the number of messages is kept.
    void add(Instant at, bool sent, Transport transport, Address const& local, Address const& remote, std::string_view text);
    /// Everything so far, closed by a line that says how many were dropped.
    std::vector<LadderMessage> take();

  private:
    std::vector<LadderMessage> messages_;
    std::size_t bytes_ = 0;
    std::size_t dropped_ = 0;
    Instant last_{};
};

}  // namespace boni::sip
