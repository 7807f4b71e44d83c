#include "media/plc.hpp"

#include <algorithm>

namespace boni::media {
namespace {

constexpr std::size_t silent_after = 800;   // 100 ms

}  // namespace

void Concealer::heard(std::span<std::int16_t> samples) {
    plc_rx(&state_, samples.data(), int(samples.size()));
    missing_ = 0;
}

// spandsp's own decay reaches zero after 50 ms; the guard keeps a long outage from costing a pitch search per frame.
void Concealer::conceal(std::span<std::int16_t> out) {
    if (missing_ < silent_after) plc_fillin(&state_, out.data(), int(out.size()));
    else std::ranges::fill(out, std::int16_t{0});
    missing_ += out.size();
    concealed_ += out.size();
}

}  // namespace boni::media
