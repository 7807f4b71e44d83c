// How long a trunk's calls have talked today, for its `max_minutes_day` (sip.md 5). A day begins at midnight in India, as in usage and in
// lists: the wall clock tells it, and may be set while a call talks; how long that was is the steady one's. Kept in memory: a restart
// begins at zero. Thread: SIP; no clock of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "base/clock.hpp"

namespace boni::sip {

class TalkTime {
  public:
    /// `call` names it until `ended`. Bounded by the trunk's channels.
    void began(std::uint64_t call, Steady now);
    /// Nothing for a call that never began.
    void ended(std::uint64_t call, Steady now, Instant today);
    /// Of the calls that are over and of those that go on; what was talked before midnight counts no more.
    double minutes(Steady now, Instant today);

  private:
    void turn_day(Instant today);
    /// Of a call that talks since then: no more than the day is old.
    std::chrono::microseconds talked(Steady since, Steady now, Instant today) const;
    Instant midnight_{};
    std::chrono::microseconds over_{};
    std::unordered_map<std::uint64_t, Steady> live_;
};

}  // namespace boni::sip
