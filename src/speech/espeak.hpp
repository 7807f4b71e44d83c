// Text to speech by espeak-ng, a child process per text: GPL code is never linked. Thread: blocks; blocking pool only.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace boni::speech {

/// A WAV file as bytes. `command`: espeak-ng or a path to it; `voice` as espeak_voice() gives it. The text travels on stdin,
/// never through a shell. Errc::unavailable token "tts_failed", Errc::timeout token "tts_timeout" after 5 s.
Result<std::string> espeak(std::string_view command, std::string_view voice, std::string_view text);

/// Whether there is such a program, in PATH unless it is a path.
bool can_run(std::string const& command);

}  // namespace boni::speech
