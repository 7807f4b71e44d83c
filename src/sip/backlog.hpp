// Calls that came in and that the platform has not taken up yet: how long they wait says whether it keeps up, whatever it is that is
// late (control thread, store, processor). Thread: SIP; no clock of its own.
#pragma once

#include <cstdint>
#include <map>

#include "base/clock.hpp"
#include "sip/endpoint.hpp"

namespace boni::sip {

/// Lets in while the oldest call has waited less than `patience`. Once one waited longer, less is asked of the platform until it has kept
/// its time for a while: a moment's hiccup refuses nobody, and in a lasting overload those who are let in hardly wait.
class Backlog {
  public:
    explicit Backlog(Steady::duration patience) : patience_{patience} {}

    void came(SessionId id, Steady now) { waiting_.emplace_hint(waiting_.end(), id, now); }
    /// Its first command, or its end. Harmless when repeated.
    void taken_up(SessionId id) { waiting_.erase(id); }
    bool too_long(Steady now);

    static constexpr int strained_divisor = 5;      ///< of the patience, while strained
    static constexpr auto strained_for = 2s;        ///< after the last wait that was too long

  private:
    Steady::duration patience_;
    std::map<SessionId, Steady> waiting_;           // ids grow: the first is the oldest; bounded by the sessions
    Steady strained_until_{};
};

}  // namespace boni::sip
