#include "media/quality.hpp"

#include <algorithm>
#include <cmath>

#include "media/energy.hpp"

namespace boni::media {

double mos(Impairment const& impairment) {
    auto const d = impairment.delay_ms;
    auto const id = 0.024 * d + (d > 177.3 ? 0.11 * (d - 177.3) : 0.0);
    auto const loss = impairment.loss_percent;
    auto const ie_eff = loss > 0 ? impairment.ie + (95 - impairment.ie) * loss / (loss / impairment.burst_ratio + impairment.bpl)
                                 : impairment.ie;
    auto const r = std::clamp(93.2 - id - ie_eff, 0.0, 100.0);
    return std::clamp(1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r), 1.0, 4.5);
}

double to_dbov(double mean_square) {
    if (mean_square <= 0) return -127;
    return std::max(-127.0, 10 * std::log10(mean_square / (32'768.0 * 32'768.0)));
}

void LevelMeter::add(std::span<std::int16_t const> samples) {
    constexpr double silent_square = 32'768.0 * 32'768.0 * 1e-6;   // -60 dBov
    auto const squares = double(energy(samples));
    squares_ += squares;
    count_ += samples.size();
    silent_ = squares < silent_square * double(samples.size()) ? silent_ + samples.size() : 0;
}

double LevelMeter::take() {
    auto const level = count_ ? to_dbov(squares_ / double(count_)) : -127.0;
    squares_ = 0;
    count_ = 0;
    return level;
}

}  // namespace boni::media
