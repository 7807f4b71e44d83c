// Whether calls come so fast that the first write of one had better wait for the next one's: then many share a commit.
//
// A call below the rate is written at once. Above it each would pay for a transaction of its own; to wait up to 10 ms (store::Commit::soon) is
// a fifth to a quarter less CPU a call (bench/README.md), and the caller hears ringing before anything is written.
// Pure: takes `now`. Thread: control. Owner: Calls.
#pragma once

#include <array>

#include "base/clock.hpp"

namespace boni::call {

class Crowd {
  public:
    static constexpr std::size_t many = 32;          ///< calls within `moment`: 200 a second, and no handful that comes at once
    static constexpr auto moment = 160ms;

    void arrived(Steady now) {
        crowded_ = full_ && now - last_[next_] < moment;
        last_[next_] = now;
        next_ = (next_ + 1) % many;
        full_ |= next_ == 0;
    }
    /// Of the call that has just arrived: the one `many` before it came less than a `moment` ago.
    bool crowded() const { return crowded_; }

  private:
    std::array<Steady, many> last_{};                // a ring; `next_`: the oldest
    std::size_t next_ = 0;
    bool full_ = false;
    bool crowded_ = false;
};

}  // namespace boni::call
