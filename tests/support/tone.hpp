// Tones and the ear for them: what was sent must come back, at the right time and nothing else.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <span>
#include <vector>

#include "media/clip.hpp"

namespace boni::test {

/// 16-bit samples at 8 kHz.
inline std::vector<std::int16_t> tone(double hz, std::size_t samples, double amplitude = 10'000) {
    std::vector<std::int16_t> out(samples);
    for (auto i = 0uz; i < samples; ++i) out[i] = std::int16_t(amplitude * std::sin(2 * std::numbers::pi * hz * double(i) / 8000));
    return out;
}

inline media::Clip tone_clip(double hz, std::chrono::milliseconds length) {
    return std::make_shared<media::Pcm const>(media::Pcm{.narrow = tone(hz, std::size_t(length.count()) * 8)});
}

/// Goertzel: the amplitude of `hz` in the samples.
inline double strength(std::span<std::int16_t const> samples, double hz) {
    if (samples.empty()) return 0;
    auto const coefficient = 2 * std::cos(2 * std::numbers::pi * hz / 8000);
    double a = 0, b = 0;
    for (auto const sample : samples) {
        auto const next = sample + coefficient * a - b;
        b = a;
        a = next;
    }
    return 2 * std::sqrt(std::max(0.0, a * a + b * b - coefficient * a * b)) / double(samples.size());
}

inline double rms(std::span<std::int16_t const> samples) {
    double sum = 0;
    for (auto const sample : samples) sum += double(sample) * sample;
    return samples.empty() ? 0 : std::sqrt(sum / double(samples.size()));
}

/// First 20 ms window in which `hz` is heard with at least half of `amplitude`; the size when it never is.
inline std::size_t tone_begins(std::span<std::int16_t const> samples, double hz, double amplitude = 10'000) {
    for (auto at = 0uz; at + 160 <= samples.size(); at += 40)
        if (strength(samples.subspan(at, 160), hz) > amplitude / 2) return at;
    return samples.size();
}

/// How many samples, in steps of 20 ms, carry the tone.
inline std::size_t tone_length(std::span<std::int16_t const> samples, double hz, double amplitude = 10'000) {
    auto count = 0uz;
    for (auto at = 0uz; at + 160 <= samples.size(); at += 160)
        if (strength(samples.subspan(at, 160), hz) > amplitude / 2) count += 160;
    return count;
}

}  // namespace boni::test
