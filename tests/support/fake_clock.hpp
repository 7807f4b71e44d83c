// A clock that moves only when a test says so.
#pragma once

#include "base/clock.hpp"

namespace boni::test {

class FakeClock final : public Clock {
  public:
    explicit FakeClock(Instant start = from_unix_ms(1'795'414'211'098)) : now_{start} {}
    Instant now() const override { return now_; }
    Steady steady() const override { return steady_; }
    void advance(std::chrono::microseconds by) {
        now_ += by;
        steady_ += by;
    }

  private:
    Instant now_;
    Steady steady_{std::chrono::hours{1}};
};

}  // namespace boni::test
