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

/// Appends what `samples` become to `out`, until it has `most`.
void convert(SpeexResamplerState* state, std::span<std::int16_t const> samples, std::vector<std::int16_t>& out, std::size_t most) {
    spx_uint32_t from_hz = 0, to_hz = 0;
    speex_resampler_get_rate(state, &from_hz, &to_hz);
    while (!samples.empty() && out.size() < most) {
        auto const before = out.size();
        auto taken = spx_uint32_t(std::min(samples.size(), block));
        auto made = spx_uint32_t(std::min<std::uint64_t>(most - before, std::uint64_t(taken) * to_hz / from_hz + 1));
        out.resize(before + made);
        speex_resampler_process_int(state, 0, samples.data(), &taken, out.data() + before, &made);
        out.resize(before + made);
        samples = samples.subspan(taken);
        if (taken == 0 && made == 0) return;
    }
}

}  // namespace

std::vector<std::int16_t> resample(std::span<std::int16_t const> samples, int from_hz, int to_hz) {
    ClipResampler resampler{from_hz, to_hz, samples.size()};
    resampler.process(samples);
    return resampler.finish();
}

struct ClipResampler::State {
    Speex speex;
};

ClipResampler::ClipResampler(int from_hz, int to_hz, std::size_t samples)
    : from_hz_{from_hz},
      wanted_{std::size_t((std::uint64_t(samples) * std::uint64_t(to_hz) + std::uint64_t(from_hz) - 1) / std::uint64_t(from_hz))} {
    out_.reserve(wanted_);
    if (from_hz == to_hz) return;
    state_ = std::make_unique<State>(speex(from_hz, to_hz));
    speex_resampler_skip_zeros(state_->speex.get());   // the filter's delay does not become silence in front
}
ClipResampler::~ClipResampler() = default;

void ClipResampler::process(std::span<std::int16_t const> samples) {
    if (!state_) return void(out_.insert(out_.end(), samples.begin(), samples.end()));
    convert(state_->speex.get(), samples, out_, wanted_);
}

std::vector<std::int16_t> ClipResampler::finish() {
    if (state_) process(std::vector<std::int16_t>(std::size_t(from_hz_), 0));   // silence that pushes the last samples through the filter
    out_.resize(wanted_);
    return std::move(out_);
}

struct Resampler::State {
    Speex speex;
};

Resampler::Resampler(int from_hz, int to_hz) {
    if (from_hz != to_hz) state_ = std::make_unique<State>(speex(from_hz, to_hz));
}
Resampler::~Resampler() = default;

void Resampler::process(std::span<std::int16_t const> samples, std::vector<std::int16_t>& out) {
    if (!state_) return void(out.insert(out.end(), samples.begin(), samples.end()));
    convert(state_->speex.get(), samples, out, out.max_size());
}

void Resampler::reset() {
    if (state_) speex_resampler_reset_mem(state_->speex.get());
}

}  // namespace boni::media
