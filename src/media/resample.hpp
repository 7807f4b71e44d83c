// From one sample rate to another, whole clips or piece by piece (speexdsp, quality 4; media.md 6). Thread: any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace boni::media {

/// Mono. Both rates from 8 to 192 kHz; equal rates copy. The length is that of the input, in time.
std::vector<std::int16_t> resample(std::span<std::int16_t const> samples, int from_hz, int to_hz);

/// Audio that goes on: no click between the pieces. The filter delays it by a few milliseconds.
class Resampler {
  public:
    Resampler(int from_hz, int to_hz);
    ~Resampler();
    /// Appends what `samples` became: their length, in time.
    void process(std::span<std::int16_t const> samples, std::vector<std::int16_t>& out);
    void reset();                        ///< forgets what is inside the filter

  private:
    struct State;
    int const from_hz_, to_hz_;
    std::unique_ptr<State> state_;       // null: equal rates
};

}  // namespace boni::media
