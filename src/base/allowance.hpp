// What somebody may do so often a second, as a bucket of tokens. Pure: takes `now`. Thread: that of its owner.
#pragma once

#include "base/clock.hpp"

namespace boni {

/// Full when it is new; refills evenly and holds `burst` at most. Of a clock that went back nothing comes.
class Allowance {
  public:
    Allowance(double per_second, double burst) : rate_{per_second}, burst_{burst}, left_{burst} {}
    /// A refusal takes nothing.
    bool take(Steady now);
    /// Takes so much, be it more than there is: how long until what is owed has come back.
    Steady::duration owe(double much, Steady now);
    bool full(Steady now);                   ///< nothing was taken for long: it can be forgotten
    /// From now on; what has been taken stays taken.
    void change(double per_second, double burst);

  private:
    void refill(Steady now);
    double rate_, burst_, left_;
    Steady last_{};
};

}  // namespace boni
