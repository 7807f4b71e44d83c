// Frames on their way from a media thread to a reader that may be late. One writer, one reader; neither waits.
#pragma once

#include <atomic>
#include <cstdint>

#include "media/codec.hpp"
#include "media/ring.hpp"

namespace boni::media {

struct TapFrame {
    std::uint64_t tick = 0;          ///< of 20 ms each: a missing number is time without audio
    bool said = false;               ///< what we sent; otherwise what was received
    Frame samples;
};

class TapRing {
  public:
    void push(std::uint64_t tick, bool said, Frame const& samples) {
        if (!ring_.push({tick, said, samples})) lost_.fetch_add(1, std::memory_order_relaxed);
    }
    bool pop(TapFrame& out) { return ring_.pop(out); }
    bool empty() const { return ring_.empty(); }
    std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }   ///< frames the reader was too late for

  private:
    static constexpr std::size_t frames_max = 64;    // 1.3 s of one direction: a reader that is later has stopped
    Ring<TapFrame> ring_{frames_max};
    std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace boni::media
