// Session timer negotiation (RFC 4028): who refreshes, how often, when to give up. Thread: any; values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "sip/message.hpp"

namespace boni::sip {

/// Who sends refreshes, seen from this session.
enum class Refreshing { nobody, we, they };

struct SessionTimer {
    Refreshing who = Refreshing::nobody;
    std::chrono::seconds interval{0};

    /// Half of the interval (section 7.2).
    std::chrono::seconds refresh_after() const { return interval / 2; }
    /// Interval minus the larger of 32 s and a third: earlier than section 10 asks for, so that our BYE is the one that ends it.
    std::chrono::seconds expires_after() const { return interval - std::max(std::chrono::seconds{32}, interval / 3); }
};

/// A request whose interval we refuse with 422 (section 9); the peer must support timers, or a 422 would not help it.
bool too_brief(Headers const& request, std::uint32_t min_se);

/// What we write into the 2xx to `request`; none when neither side wants a timer. `offer` is our own interval, 0 for none.
std::optional<SessionExpires> grant(Headers const& request, std::uint32_t offer);

/// The timer after a 2xx we sent, or one we received.
SessionTimer after_sending(std::optional<SessionExpires> const& in_2xx);
SessionTimer after_receiving(std::optional<SessionExpires> const& in_2xx);

}  // namespace boni::sip
