// What the caller heard, told from the recording: stretches of sound, their level, and whether a tone was in them.
// Thread: any; values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.hpp"

namespace boni::cli {

constexpr int heard_rate_hz = 8000;

/// A stretch of sound between silences of at least 300 ms.
struct Stretch {
    std::chrono::milliseconds from{};   ///< since the first sample
    std::chrono::milliseconds until{};
    double level_dbov = -127;           ///< RMS, 0 is a full-scale square wave
};

/// Stretches louder than -45 dBov.
std::vector<Stretch> stretches(std::span<std::int16_t const> samples);

/// Share of the loud samples' power that lies at `hz`, 0 to 1 (Goertzel over blocks of 50 ms).
double share_of_tone(std::span<std::int16_t const> samples, double hz);

/// Left channel of a WAV file at 8 kHz. Errc::unavailable when it cannot be read.
Result<std::vector<std::int16_t>> received_side(std::filesystem::path const& wav);

}  // namespace boni::cli
