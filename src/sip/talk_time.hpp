// How long a trunk's calls have talked today, for its `max_minutes_day` (sip.md 5). A day begins at midnight in India, as in usage and in
// lists. Kept in memory: a restart begins at zero. Thread: SIP; no clock of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "base/clock.hpp"

namespace boni::sip {

class TalkTime {
  public:
    /// `call` names it until `ended`. Bounded by the trunk's channels.
    void began(std::uint64_t call, Instant now);
    /// Nothing for a call that never began.
    void ended(std::uint64_t call, Instant now);
    /// Of the calls that are over and of those that go on; what was talked before midnight counts no more.
    double minutes(Instant now);

  private:
    void turn_day(Instant now);
    Instant midnight_{};
    std::chrono::microseconds over_{};
    std::unordered_map<std::uint64_t, Instant> live_;
};

}  // namespace boni::sip
