#include "sip/talk_time.hpp"

#include <algorithm>

namespace boni::sip {
void TalkTime::began(std::uint64_t call, Steady now) { live_.emplace(call, now); }

void TalkTime::ended(std::uint64_t call, Steady now, Instant today) {
    turn_day(today);
    auto const found = live_.extract(call);
    if (!found.empty()) over_ += talked(found.mapped(), now, today);
}

double TalkTime::minutes(Steady now, Instant today) {
    turn_day(today);
    auto all = over_;
    for (auto const& [call, since] : live_) all += talked(since, now, today);
    return std::chrono::duration<double, std::ratio<60>>(all).count();
}

void TalkTime::turn_day(Instant today) {
    auto const midnight = ist_midnight(today);
    if (midnight != midnight_) over_ = {};
    midnight_ = midnight;
}

std::chrono::microseconds TalkTime::talked(Steady since, Steady now, Instant today) const {
    using Micro = std::chrono::microseconds;
    return std::min(std::chrono::floor<Micro>(now - since), std::chrono::floor<Micro>(today - midnight_));
}

}  // namespace boni::sip
