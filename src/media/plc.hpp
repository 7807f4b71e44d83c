// Loss concealment for G.711 (media.md 5.3): spandsp's pitch repetition, faded to silence. Lives on a media thread; pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <spandsp.h>

namespace boni::media {

class Concealer {
  public:
    Concealer() { plc_init(&state_); }
    /// Real audio; its beginning is blended with what was made up before it.
    void heard(std::span<std::int16_t> samples);
    /// Makes up what is missing. After 100 ms in a row it is silence.
    void conceal(std::span<std::int16_t> out);
    std::uint64_t concealed() const { return concealed_; }   ///< samples, for quality

  private:
    void make();

    plc_state_t state_{};
    /// spandsp writes a quarter of a pitch period, up to 30 samples, however few it is asked for: it is always asked for 40.
    std::array<std::int16_t, 40> made_{};
    std::size_t left_ = 0;         ///< of `made_`, at its end
    std::size_t missing_ = 0;
    std::uint64_t concealed_ = 0;
};

}  // namespace boni::media
