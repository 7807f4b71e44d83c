// How many attempts an endpoint may have in flight, and whether it counts as slow (events-and-webhooks 6, "Isolation").
// Pure. Thread: any; one per endpoint.
#pragma once

#include <deque>

#include "base/clock.hpp"

namespace boni::webhook {

class Pace {
  public:
    static constexpr std::size_t in_flight_start = 4;
    static constexpr std::size_t in_flight_max = 16;
    static constexpr int successes_per_step = 50;        ///< each under `quick`
    static constexpr auto quick = 1s;
    static constexpr auto slow_p95 = 2s;
    static constexpr std::size_t watched = 20;           ///< attempts the 95th percentile is taken from

    std::size_t in_flight_limit() const { return limit_; }
    /// Its last attempt failed, or one in twenty takes longer than 2 s: it shares the slow lane's slots.
    bool slow() const;

    void succeeded(std::chrono::milliseconds took);
    void failed(std::chrono::milliseconds took);
    /// The breaker closed: one at a time, then doubling with each success until the start value.
    void restart();

  private:
    void remember(std::chrono::milliseconds took);

    std::size_t limit_ = in_flight_start;
    int successes_ = 0;
    bool doubling_ = false;
    bool last_failed_ = false;
    std::deque<std::chrono::milliseconds> took_;
};

}  // namespace boni::webhook
