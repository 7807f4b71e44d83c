#include "media/cn.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace boni::media {

void Noise::fill(std::span<std::int16_t> out, std::uint8_t level) {
    if (level >= 127) {
        std::ranges::fill(out, std::int16_t{0});
        return;
    }
    // A uniform distribution over +-peak has an RMS of peak / sqrt(3).
    auto const peak = std::min(32'767.0, 32'768 * std::pow(10.0, -level / 20.0) * std::numbers::sqrt3);
    for (auto& sample : out) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 17;
        state_ ^= state_ << 5;
        sample = std::int16_t(peak * (double(state_) / 2'147'483'648.0 - 1.0));
    }
}

}  // namespace boni::media
