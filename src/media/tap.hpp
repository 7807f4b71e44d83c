// What a leg hears and says, frame by frame, for somebody on another thread: a media stream, an agent (media.md 8).
// The media thread pushes and never waits; the reader is woken once, however many legs had something for it.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "base/event_fd.hpp"
#include "media/ear.hpp"

namespace boni::media {

/// Ends the wait of another thread's loop, with one system call until it has looked. Shared by everything that loop reads.
/// Thread: `wake` on any, `looked` on the reader's, before it reads.
class Waker {
  public:
    int fd() const { return signalled_.get(); }   ///< readable when somebody has woken it; `looked` undoes that
    void wake();
    void looked();

  private:
    EventFd signalled_;
    std::atomic<bool> told_ = false;
};

class Tap {
  public:
    struct Options {
        bool heard = true;           ///< the caller's audio; time without any is left out: lost beyond concealment, comfort noise, hold
        bool said = false;           ///< what the caller hears
    };
    Tap(std::shared_ptr<Waker> waker, Options options);

    /// Media thread. True: the reader is to be woken.
    bool arrived(Jitter::Arrival const& arrival, std::uint64_t tick, Steady now) { return ear_ && ear_->arrived(arrival, tick, now); }
    bool tick(std::uint64_t tick, Frame const& said, std::chrono::milliseconds patience, Steady now);
    Waker& waker() const { return *waker_; }

    /// The reader's thread.
    bool read(TapFrame& out) { return ring_.pop(out); }
    bool empty() const { return ring_.empty(); }
    std::uint64_t lost() const { return ring_.lost(); }

  private:
    TapRing ring_;
    std::optional<Ear> ear_;
    bool const said_;
    std::shared_ptr<Waker> const waker_;
};

}  // namespace boni::media
