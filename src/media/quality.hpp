// How good it sounded: the simplified E-model (ITU-T G.107) and the level meter (media.md 11). Thread: any; pure.
#pragma once

#include <cstdint>
#include <span>

namespace boni::media {

/// What the E-model needs of one leg.
struct Impairment {
    double delay_ms = 0;          ///< one way: RTT / 2 + jitter buffer + 20
    double loss_percent = 0;      ///< of what should have been heard: lost or too late
    double burst_ratio = 1;       ///< 1: losses are independent of each other
    double ie = 0;                ///< of the codec
    double bpl = 25.1;            ///< robustness: G.711 with concealment
};

/// 1.0 to 4.5.
double mos(Impairment const& impairment);

/// RMS against full scale, and how long it has been silent.
class LevelMeter {
  public:
    void add(std::span<std::int16_t const> samples);
    /// dBov since the last call, -127 for digital silence; begins anew.
    double take();
    /// How long the level has been below -60 dBov, in samples.
    std::uint64_t silent_samples() const { return silent_; }

  private:
    double squares_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t silent_ = 0;
};

/// Mean square to dBov, at least -127.
double to_dbov(double mean_square);

}  // namespace boni::media
