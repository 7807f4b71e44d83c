// Ends the wait of another thread's loop: a descriptor that is readable from `signal` until `drain` (eventfd(2)).
#pragma once

#include "base/fd.hpp"

namespace boni {

/// Thread: `signal` on any, `drain` on that of the loop. Neither waits, allocates or throws.
class EventFd {
  public:
    /// Throws std::system_error when the process has no descriptor left.
    EventFd();
    int get() const { return fd_.get(); }
    void signal() const;
    void drain() const;

  private:
    Fd fd_;
};

}  // namespace boni
