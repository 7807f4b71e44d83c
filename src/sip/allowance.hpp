// What somebody may do so often a second, as a bucket of tokens. Thread: SIP; no clock of its own.
#pragma once

#include "base/clock.hpp"

namespace boni::sip {

/// Refills evenly, holds at most one period's worth.
class Allowance {
  public:
    Allowance(double per_second, double burst) : rate_{per_second}, burst_{burst}, left_{burst} {}
    bool take(Steady now);
    bool full(Steady now);                   ///< nothing was taken for long: it can be forgotten

  private:
    void refill(Steady now);
    double rate_, burst_, left_;
    Steady last_{};
};

}  // namespace boni::sip
