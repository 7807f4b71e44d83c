// When what the peer has queued for the caller runs low and when it has run out (`boni.buffer`). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "stream/dialect.hpp"

namespace boni::stream {

class LowWater {
  public:
    static constexpr std::uint64_t mark_ms = 1000;

    /// What is queued now. Told when it falls below the mark and when it becomes nothing, each once until it was above again.
    std::optional<Backlog> look(std::uint64_t queued_ms) {
        auto const falls = above_ && queued_ms < mark_ms, empties = any_ && queued_ms == 0;
        above_ = queued_ms >= mark_ms;
        any_ = queued_ms > 0;
        if (!falls && !empties) return {};
        return Backlog{.state = empties ? "empty" : "low", .queued_ms = queued_ms};
    }
    /// The queue was emptied on purpose: that is no news.
    void forget() { above_ = any_ = false; }

  private:
    bool above_ = false, any_ = false;   ///< when it was looked at last
};

}  // namespace boni::stream
