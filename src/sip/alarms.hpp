// When links want to be woken: one timer of the kernel for all, earliest first. libre keeps its timers in a sorted list, which each
// short one walks past the transactions of the last 32 s; with hundreds of calls a second that was a quarter of the whole cost.
// Thread: SIP, within libre's loop.
#pragma once

#include <functional>
#include <map>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace boni::sip {

class Alarm;

class Alarms {
  public:
    explicit Alarms(Clock& clock) : clock_{clock} {}
    ~Alarms();   ///< after the last alarm
    Alarms(Alarms const&) = delete;

    /// Joins the loop of the calling thread.
    Result<> open();

  private:
    friend class Alarm;
    using Order = std::multimap<Steady, Alarm*>;

    Order::iterator put(Steady at, Alarm& alarm);
    void ring();
    void arm(Steady at);

    Clock& clock_;
    Order order_;
    int timer_ = -1;                         // timerfd
    Steady armed_ = Steady::max();           // may be earlier than the first alarm: then the loop wakes once for nothing
};

/// One deadline, set again and again. Its `ring` may set, clear or destroy any alarm, this one too.
class Alarm {
  public:
    Alarm(Alarms& of, std::function<void()> ring) : of_{of}, place_{of.order_.end()}, ring_{std::move(ring)} {}
    ~Alarm() { clear(); }
    Alarm(Alarm const&) = delete;

    void set(Steady at);
    void clear();

  private:
    friend class Alarms;

    Alarms& of_;
    Alarms::Order::iterator place_;          // the end when not set
    std::function<void()> ring_;
};

}  // namespace boni::sip
