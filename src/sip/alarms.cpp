#include "sip/alarms.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include "sip/re.hpp"

namespace boni::sip {

Result<> Alarms::open() {
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer_ < 0 || fd_listen(timer_, FD_READ, [](int, void* self) { static_cast<Alarms*>(self)->ring(); }, this) != 0)
        return fail(Errc::unavailable, "no timer for the SIP loop");
    return {};
}

Alarms::~Alarms() {
    ENSURE(order_.empty());
    if (timer_ < 0) return;
    fd_close(timer_);
    ::close(timer_);
}

Alarms::Order::iterator Alarms::put(Steady at, Alarm& alarm) {
    if (at < armed_) arm(at);
    return order_.emplace(at, &alarm);
}

void Alarms::ring() {
    std::uint64_t times = 0;
    [[maybe_unused]] auto const got = read(timer_, &times, sizeof times);
    armed_ = Steady::max();
    auto const now = clock_.steady();
    while (!order_.empty() && order_.begin()->first <= now) {
        auto& alarm = *order_.begin()->second;
        alarm.clear();
        auto const ring = alarm.ring_;   // may destroy the alarm
        ring();
    }
    if (!order_.empty() && order_.begin()->first < armed_) arm(order_.begin()->first);
}

/// Relative, so that a clock turned by hand keeps its meaning; zero would disarm.
void Alarms::arm(Steady at) {
    auto const wait = std::max<std::chrono::nanoseconds>(1ns, at - clock_.steady());
    auto const seconds = std::chrono::floor<std::chrono::seconds>(wait);
    itimerspec const when{.it_interval = {}, .it_value = {.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()}};
    ENSURE(timerfd_settime(timer_, 0, &when, nullptr) == 0);
    armed_ = at;
}

void Alarm::set(Steady at) {
    if (place_ != of_.order_.end() && place_->first == at) return;
    clear();
    place_ = of_.put(at, *this);
}

void Alarm::clear() {
    if (place_ == of_.order_.end()) return;
    of_.order_.erase(place_);
    place_ = of_.order_.end();
}

}  // namespace boni::sip
