// Keeps the sum of two voices within 16 bits without clipping it: the gain falls at once and comes back with a time constant of 0.1 s. Pure.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace boni::media {

class Limiter {
  public:
    std::int16_t operator()(int sum) {
        constexpr float most = 32767.0F, recovery = 1.0F / 800;   // of what is missing, per sample at 8 kHz
        gain_ += (1.0F - gain_) * recovery;
        auto const peak = float(std::abs(sum));
        if (peak * gain_ > most) gain_ = most / peak;
        return std::int16_t(std::lround(float(sum) * gain_));
    }

  private:
    float gain_ = 1.0F;
};

}  // namespace boni::media
