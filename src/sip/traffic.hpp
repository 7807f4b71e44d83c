// What passes on the wire, for the metrics: boni_sip_requests_total, boni_sip_responses_total. Thread: SIP.
#pragma once

#include <array>
#include <string_view>

#include "base/metrics.hpp"
#include "sip/message.hpp"

namespace boni::sip {

class Traffic {
  public:
    Traffic();
    /// The raw message; costs a look at its first line and its CSeq.
    void count(bool sent, std::string_view message);

  private:
    static constexpr std::size_t methods = std::size_t(Method::other) + 1;
    static constexpr std::size_t classes = 7;   // 1xx to 6xx; 0 is what cannot be read
    std::array<std::array<prometheus::Counter*, 2>, methods> requests_{};
    std::array<std::array<prometheus::Counter*, classes>, methods> responses_{};
};

}  // namespace boni::sip
