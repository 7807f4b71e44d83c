// A clock that moves only when a test says so.
#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace boni::test {

inline Instant const start = from_unix_ms(1'795'414'211'098);   ///< of most tests
inline Instant const monday = *ist_day_start("2026-11-23");     ///< of those that count days

class FakeClock final : public Clock {
  public:
    explicit FakeClock(Instant at = start) : now_{at} {}
    Instant now() const override { return now_; }
    Steady steady() const override { return steady_; }
    void advance(std::chrono::microseconds by) {
        now_ += by;
        steady_ += by;
    }
    void set(Instant at) { now_ = at; }                            ///< as somebody sets the wall clock

  private:
    Instant now_;
    Steady steady_{std::chrono::hours{1}};
};

/// The system's, whose wall somebody sets.
class SetClock final : public Clock {
  public:
    Instant now() const override { return system_clock().now() + ahead.load(); }
    Steady steady() const override { return system_clock().steady(); }
    std::atomic<std::chrono::microseconds> ahead{};
};

}  // namespace boni::test
