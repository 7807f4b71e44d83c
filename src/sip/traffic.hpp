// What passes on the wire, for the metrics: boni_sip_requests_total, boni_sip_responses_total, boni_sip_large_datagrams_total.
// Thread: SIP.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "sip/message.hpp"

namespace boni::sip {

class Traffic {
  public:
    Traffic();
    /// The raw message; costs a look at its first line and its CSeq.
    void count(bool sent, std::string_view message);
    /// One of ours longer than `datagram_safe` may be cut on its way and lost, and stays UDP all the same: Indian trunks often lack TCP
    /// (sip.md 1.3). It is counted, and once a minute the log says how long and to whom.
    void sent_datagram(std::size_t bytes, Address const& to, Steady now);
    static constexpr std::size_t datagram_safe = 1300;   // bytes

  private:
    static constexpr std::size_t methods = std::size_t(Method::other) + 1;
    static constexpr std::size_t classes = 7;   // 1xx to 6xx; 0 is what cannot be read
    std::array<std::array<prometheus::Counter*, 2>, methods> requests_{};
    std::array<std::array<prometheus::Counter*, classes>, methods> responses_{};
    prometheus::Counter& large_datagrams_;
    std::optional<Steady> warned_at_;
};

}  // namespace boni::sip
