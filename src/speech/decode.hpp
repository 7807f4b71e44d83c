// A customer's audio file, or what a synthesiser wrote, as PCM (media.md 7, steps 2 and 3). Thread: blocks; blocking pool only.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "media/clip.hpp"

namespace boni::speech {

/// What a file turned out to be when it was read once.
struct Measured {
    int rate = 0;                    ///< Hz
    std::size_t frames = 0;
    float peak = 0;                  ///< of full scale, may be above
    std::size_t clip_bytes() const { return (frames * 8'000 + frames * 16'000) / std::size_t(rate) * sizeof(std::int16_t); }
};
constexpr std::size_t clip_bytes_max = 15 * 60 * (8'000 + 16'000) * sizeof(std::int16_t);

/// WAV, MP3, Ogg Vorbis, Opus or FLAC, told by its bytes; at most 15 minutes, 2 channels, 8 to 192 kHz.
/// Errc::invalid token "unsupported_audio" for anything else, "too_large" beyond the length; Errc::timeout once it is `until`.
/// Memory: a few blocks, whatever the file's rate and length.
Result<Measured> measure(std::string_view bytes, Steady until = Steady::max());
/// Of what was measured. Memory beside the clip: a few blocks. Errc::timeout once it is `until`.
Result<media::Clip> decode(std::string_view bytes, Measured const& measured, Steady until);
/// Both at once.
Result<media::Clip> decode(std::string_view bytes, Steady until = Steady::max());

}  // namespace boni::speech
