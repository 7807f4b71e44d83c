// When the caller speaks, told by level alone: enough to hold one's tongue by (`boni.vad`). Pure; any thread.
//
// Speech is what stands out of the quietest moment of the last second or two. Its beginning is told 60 ms late and its end 400 ms late,
// both with the time at which they were.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "stream/dialect.hpp"

namespace boni::stream {

class VoiceActivity {
  public:
    /// A frame of the caller; `at` in ms since the stream began, ascending, with a jump where nothing came.
    std::optional<Speech> heard(std::span<std::int16_t const> frame, std::uint64_t at);
    /// Nothing has come for a while: whoever was speaking is not any more.
    std::optional<Speech> lapsed();

  private:
    void note_floor(double level);

    bool speaking_ = false;
    int loud_frames_ = 0;                ///< in a row
    std::uint64_t loud_from_ = 0;        ///< ms, of the first of them
    std::uint64_t loud_until_ = 0;       ///< ms, of the end of the last loud frame
    double floor_ = 0, floor_before_ = 0;   ///< dBov: the quietest frame of this stretch and of the one before it
    int floor_frames_ = 0;               ///< of this stretch
};

}  // namespace boni::stream
