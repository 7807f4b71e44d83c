// From one sample rate to another, whole clips or piece by piece (speexdsp, quality 4; media.md 6). Thread: any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace boni::media {

/// Mono. Both rates from 8 to 192 kHz; equal rates copy. The length is that of the input, in time.
std::vector<std::int16_t> resample(std::span<std::int16_t const> samples, int from_hz, int to_hz);

/// The same for a clip that comes in pieces, so that nobody holds it whole at its own rate.
class ClipResampler {
  public:
    /// `samples`: how many will come.
    ClipResampler(int from_hz, int to_hz, std::size_t samples);
    ~ClipResampler();
    void process(std::span<std::int16_t const> samples);
    /// Once, after the last piece.
    std::vector<std::int16_t> finish();

  private:
    struct State;
    int const from_hz_;
    std::size_t const wanted_;
    std::vector<std::int16_t> out_;
    std::unique_ptr<State> state_;       // null: equal rates
};

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
    std::unique_ptr<State> state_;       // null: equal rates
};

}  // namespace boni::media
