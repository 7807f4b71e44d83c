#include "media/plc.hpp"

#include <algorithm>

namespace boni::media {
namespace {

constexpr std::size_t conceal_samples_max = 800;   // 100 ms

}  // namespace

void Concealer::heard(std::span<std::int16_t> samples) {
    plc_rx(&state_, samples.data(), int(samples.size()));
    missing_ = 0;
    left_ = 0;
}

void Concealer::conceal(std::span<std::int16_t> out) {
    concealed_ += out.size();
    while (!out.empty()) {
        if (left_ == 0) make();
        auto const count = std::min(left_, out.size());
        std::copy_n(made_.end() - std::ptrdiff_t(left_), count, out.begin());
        left_ -= count;
        out = out.subspan(count);
    }
}

// spandsp's own decay reaches zero after 50 ms; the guard keeps a long outage from costing anything.
void Concealer::make() {
    if (state_.missing_samples == 0) {
        // It would bring its circular history into order itself, with a memcpy onto overlapping memory.
        std::rotate(std::begin(state_.history), std::begin(state_.history) + state_.buf_ptr, std::end(state_.history));
        state_.buf_ptr = 0;
    }
    if (missing_ < conceal_samples_max) plc_fillin(&state_, made_.data(), int(made_.size()));
    else made_.fill(0);
    missing_ += made_.size();
    left_ = made_.size();
}

}  // namespace boni::media
