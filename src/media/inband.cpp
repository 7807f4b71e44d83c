#include "media/inband.hpp"

#include <algorithm>

namespace boni::media {

ToneDetector::ToneDetector() : state_{dtmf_rx_init(nullptr, nullptr, nullptr)} {
    dtmf_rx_parms(state_.get(), 1, -1, -1, -99);   // filter the dial tone; the defaults for twist
}

char ToneDetector::listen(std::span<std::int16_t const> samples) {
    dtmf_rx(state_.get(), samples.data(), int(samples.size()));
    char key[2] = {};
    return dtmf_rx_get(state_.get(), key, 1) > 0 ? key[0] : '\0';
}

ToneGenerator::ToneGenerator() : state_{dtmf_tx_init(nullptr)} { dtmf_tx_set_timing(state_.get(), 100, 60); }

bool ToneGenerator::push(char key) { return dtmf_tx_put(state_.get(), &key, 1) == 0; }

std::size_t ToneGenerator::fill(std::span<std::int16_t> out) {
    auto const count = std::size_t(dtmf_tx(state_.get(), out.data(), int(out.size())));
    if (count > 0) std::ranges::fill(out.subspan(count), std::int16_t{0});
    return count;
}

}  // namespace boni::media
