#include "sip/talk_time.hpp"

#include <algorithm>

namespace boni::sip {
void TalkTime::began(std::uint64_t call, Instant now) { live_.emplace(call, now); }

void TalkTime::ended(std::uint64_t call, Instant now) {
    turn_day(now);
    auto const found = live_.extract(call);
    if (!found.empty()) over_ += std::max(now - std::max(found.mapped(), midnight_), std::chrono::microseconds{});
}

double TalkTime::minutes(Instant now) {
    turn_day(now);
    auto all = over_;
    for (auto const& [call, since] : live_) all += std::max(now - std::max(since, midnight_), std::chrono::microseconds{});
    return std::chrono::duration<double, std::ratio<60>>(all).count();
}

void TalkTime::turn_day(Instant now) {
    auto const midnight = ist_midnight(now);
    if (midnight != midnight_) over_ = {};
    midnight_ = midnight;
}

}  // namespace boni::sip
