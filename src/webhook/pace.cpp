#include "webhook/pace.hpp"

#include <algorithm>

namespace boni::webhook {

bool Pace::slow() const {
    // Of twenty attempts the second longest is the 95th percentile; of fewer, the longest.
    auto const long_ones = std::size_t(std::ranges::count_if(took_, [](auto took) { return took > slow_p95; }));
    return last_failed_ || long_ones > (took_.size() == watched ? 1u : 0u);
}

void Pace::succeeded(std::chrono::milliseconds took) {
    remember(took);
    last_failed_ = false;
    if (doubling_) {
        limit_ = std::min(limit_ * 2, in_flight_start);
        doubling_ = limit_ < in_flight_start;
        return;
    }
    if (took >= quick || ++successes_ < successes_per_step) return;
    successes_ = 0;
    limit_ = std::min(limit_ + 1, in_flight_max);
}

void Pace::failed(std::chrono::milliseconds took) {
    remember(took);
    last_failed_ = true;
    doubling_ = false;
    successes_ = 0;
    limit_ = std::max<std::size_t>(limit_ / 2, 1);
}

void Pace::restart() {
    limit_ = 1;
    doubling_ = true;
    successes_ = 0;
}

void Pace::remember(std::chrono::milliseconds took) {
    took_.push_back(took);
    if (took_.size() > watched) took_.pop_front();
}

}  // namespace boni::webhook
