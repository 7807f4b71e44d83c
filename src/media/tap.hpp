// What a leg hears and says, frame by frame, for somebody on another thread: a media stream, an agent (media.md 8).
// The media thread pushes and never waits; the reader is woken once per tick, however many legs had something for it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "media/playout.hpp"
#include "media/ring.hpp"

namespace boni::media {

/// Ends the wait of another thread's loop, with one system call until it has looked. Shared by everything that loop reads.
/// Thread: `wake` on any, `looked` on the reader's, before it reads.
class Waker {
  public:
    /// `event_fd` stays the caller's and outlives this.
    explicit Waker(int event_fd) : event_fd_{event_fd} {}
    void wake();
    void looked() { told_.store(false, std::memory_order_seq_cst); }

  private:
    int const event_fd_;
    std::atomic<bool> told_ = false;
};

struct TapFrame {
    std::uint64_t tick = 0;          ///< of 20 ms each: a missing number is time without audio
    bool said = false;               ///< what we sent; otherwise what was received
    Frame samples;
};

class Tap {
  public:
    struct Options {
        bool heard = true;           ///< the caller's audio; ticks without any are left out
        bool said = false;           ///< what the caller hears
    };
    Tap(std::shared_ptr<Waker> waker, Options options) : waker_{std::move(waker)}, options_{options} {}

    /// Media thread, every tick. `heard` is null when there was no audio: lost beyond concealment, comfort noise, hold.
    void listen(std::uint64_t tick, Frame const* heard, Frame const& said);
    Waker& waker() const { return *waker_; }

    bool read(TapFrame& out) { return ring_.pop(out); }
    std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }   ///< frames the reader was too late for

  private:
    void push(std::uint64_t tick, bool said, Frame const& samples);

    static constexpr std::size_t frames_max = 64;    // 1.3 s of one direction: a reader that is later has stopped
    Ring<TapFrame> ring_{frames_max};
    std::atomic<std::uint64_t> lost_ = 0;
    std::shared_ptr<Waker> const waker_;
    Options const options_;
};

}  // namespace boni::media
