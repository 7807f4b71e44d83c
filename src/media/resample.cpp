#include "media/resample.hpp"

#include <memory>

#include <speex/speex_resampler.h>

#include "base/result.hpp"

namespace boni::media {
namespace {

constexpr int quality = 4;
constexpr std::size_t block = 32'000;   // the library counts in 32 bits; blocks keep every product far below

using Speex = std::unique_ptr<SpeexResamplerState, decltype(&speex_resampler_destroy)>;

Speex speex(int from_hz, int to_hz) {
    auto error = 0;
    Speex state{speex_resampler_init(1, spx_uint32_t(from_hz), spx_uint32_t(to_hz), quality, &error), &speex_resampler_destroy};
    ENSURE(state && error == RESAMPLER_ERR_SUCCESS);
    return state;
}

}  // namespace

std::vector<std::int16_t> resample(std::span<std::int16_t const> samples, int from_hz, int to_hz) {
    if (from_hz == to_hz) return {samples.begin(), samples.end()};
    auto const state = speex(from_hz, to_hz);
    speex_resampler_skip_zeros(state.get());   // the filter's delay does not become silence in front

    auto const wanted = std::size_t((std::uint64_t(samples.size()) * std::uint64_t(to_hz) + std::uint64_t(from_hz) - 1) / std::uint64_t(from_hz));
    std::vector<std::int16_t> out(wanted);
    std::vector<std::int16_t> const tail(std::size_t(from_hz), 0);   // silence that pushes the last samples through the filter
    auto done = 0uz;
    auto const feed = [&](std::span<std::int16_t const> in) {
        while (!in.empty() && done < wanted) {
            auto taken = spx_uint32_t(std::min(in.size(), block));
            auto made = spx_uint32_t(std::min(wanted - done, std::size_t(1) << 20));
            speex_resampler_process_int(state.get(), 0, in.data(), &taken, out.data() + done, &made);
            done += made;
            in = in.subspan(taken);
            if (taken == 0 && made == 0) break;
        }
    };
    feed(samples);
    feed(tail);
    return out;
}

struct Resampler::State {
    Speex speex;
};

Resampler::Resampler(int from_hz, int to_hz) : from_hz_{from_hz}, to_hz_{to_hz} {
    if (from_hz != to_hz) state_ = std::make_unique<State>(speex(from_hz, to_hz));
}
Resampler::~Resampler() = default;

void Resampler::process(std::span<std::int16_t const> samples, std::vector<std::int16_t>& out) {
    if (!state_) return void(out.insert(out.end(), samples.begin(), samples.end()));
    while (!samples.empty()) {
        auto taken = spx_uint32_t(std::min(samples.size(), block));
        auto made = spx_uint32_t(std::uint64_t(taken) * std::uint64_t(to_hz_) / std::uint64_t(from_hz_) + 1);
        auto const before = out.size();
        out.resize(before + made);
        speex_resampler_process_int(state_->speex.get(), 0, samples.data(), &taken, out.data() + before, &made);
        out.resize(before + made);
        samples = samples.subspan(taken);
        if (taken == 0 && made == 0) return;
    }
}

void Resampler::reset() {
    if (state_) speex_resampler_reset_mem(state_->speex.get());
}

}  // namespace boni::media
