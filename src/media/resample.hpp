// From one sample rate to another, whole clips at once (speexdsp, quality 4; media.md 6). Thread: any; no state.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace boni::media {

/// Mono. Both rates from 8 to 192 kHz; equal rates copy. The length is that of the input, in time.
std::vector<std::int16_t> resample(std::span<std::int16_t const> samples, int from_hz, int to_hz);

}  // namespace boni::media
