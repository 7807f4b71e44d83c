#include "base/allowance.hpp"

#include <algorithm>

namespace boni {

bool Allowance::take(Steady now) {
    refill(now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
}

Steady::duration Allowance::owe(double much, Steady now) {
    refill(now);
    left_ -= much;
    return left_ < 0 ? std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>{-left_ / rate_}) : Steady::duration{};
}

bool Allowance::full(Steady now) {
    refill(now);
    return left_ >= burst_;
}

void Allowance::change(double per_second, double burst) {
    rate_ = per_second;
    burst_ = burst;
}

void Allowance::refill(Steady now) {
    if (now > last_) left_ = std::min(burst_, left_ + rate_ * std::chrono::duration<double>(now - last_).count());
    last_ = std::max(last_, now);
}

}  // namespace boni
