// A customer's audio file, or what a synthesiser wrote, as PCM (media.md 7, steps 2 and 3). Thread: blocks; blocking pool only.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "media/clip.hpp"

namespace boni::speech {

/// WAV, MP3, Ogg Vorbis, Opus or FLAC, told by its bytes; at most 15 minutes, 2 channels, 8 to 192 kHz.
/// Errc::invalid token "unsupported_audio" for anything else, "too_large" beyond the length; Errc::timeout once it is `until`.
/// Memory beside the clip: a few blocks, whatever the file's rate and length.
Result<media::Clip> decode(std::string_view bytes, Steady until = Steady::max());

}  // namespace boni::speech
