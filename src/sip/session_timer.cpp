#include "sip/session_timer.hpp"

#include <algorithm>

namespace boni::sip {
namespace {

SessionTimer timer(std::optional<SessionExpires> const& agreed, Refresher ours) {
    if (!agreed || agreed->seconds == 0) return {};
    auto const refresher = agreed->refresher == Refresher::unsaid ? Refresher::uac : agreed->refresher;
    auto const seconds = std::clamp<std::uint32_t>(agreed->seconds, 90, 86'400);   // section 4: 90 s is the lowest meaningful value
    return {refresher == ours ? Refreshing::we : Refreshing::they, std::chrono::seconds{seconds}};
}

}  // namespace

bool too_brief(Headers const& request, std::uint32_t min_se) {
    return request.session_expires && request.session_expires->seconds < min_se && has_tag(request.supported, "timer");
}

std::optional<SessionExpires> grant(Headers const& request, std::uint32_t offer) {
    auto const peer_has_timers = has_tag(request.supported, "timer");
    if (auto const& asked = request.session_expires) {
        auto const seconds = std::max(asked->seconds, request.min_se.value_or(0));
        if (!peer_has_timers) return SessionExpires{seconds, Refresher::uas};   // a proxy asked; only we can refresh (table 2)
        return SessionExpires{seconds, asked->refresher == Refresher::unsaid ? Refresher::uac : asked->refresher};
    }
    if (!peer_has_timers || offer == 0) return std::nullopt;
    return SessionExpires{std::max(offer, request.min_se.value_or(0)), Refresher::uas};
}

SessionTimer after_sending(std::optional<SessionExpires> const& in_2xx) { return timer(in_2xx, Refresher::uas); }
SessionTimer after_receiving(std::optional<SessionExpires> const& in_2xx) { return timer(in_2xx, Refresher::uac); }

}  // namespace boni::sip
