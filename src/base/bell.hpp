// Something has changed: whoever waits for that looks again.
//
// Thread: that of its executor. It remembers nothing: a ring that finds nobody waiting is lost, so who waits looks at what he waits for first,
// and again after each ring. Of the coroutine that was cancelled a wait returns, and its next `co_await` throws, as with `wait_for`.
#pragma once

#include "base/task.hpp"

namespace boni {

class Bell {
  public:
    explicit Bell(asio::any_io_executor where) : timer_{std::move(where), Steady::max()} {}

    /// Wakes all that wait by now; they run later, from the executor. So does destroying it.
    void ring() { timer_.cancel(); }
    /// Returns with the next ring. Any number may wait so.
    Task<> rung() { return rung_by(Steady::max()); }
    /// Returns with the next ring, at `deadline` without one. Nobody else waits meanwhile, unless by the same.
    Task<> rung_by(Steady deadline);
    Task<> rung_within(std::chrono::steady_clock::duration limit);

  private:
    asio::steady_timer timer_;
};

}  // namespace boni
