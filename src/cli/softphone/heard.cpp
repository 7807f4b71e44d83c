#include "cli/softphone/heard.hpp"

#include <cmath>
#include <memory>
#include <numbers>

#include <sndfile.h>

namespace boni::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t frame = heard_rate_hz / 50;              // 20 ms
constexpr double loud_dbov = -45;
constexpr milliseconds pause{300};

double power(std::span<std::int16_t const> samples) {
    auto sum = 0.0;
    for (auto const sample : samples) sum += double(sample) * sample;
    return samples.empty() ? 0 : sum / double(samples.size()) / (32768.0 * 32768.0);
}
double dbov(double of_power) { return of_power > 0 ? 10 * std::log10(of_power) : -127; }

milliseconds time_at(std::size_t sample) { return milliseconds{sample * 1000 / heard_rate_hz}; }

}  // namespace

std::vector<Stretch> stretches(std::span<std::int16_t const> samples) {
    std::vector<Stretch> out;
    auto sum = 0.0;
    auto frames = 0;
    for (auto at = 0uz; at + frame <= samples.size(); at += frame) {
        auto const here = power(samples.subspan(at, frame));
        if (dbov(here) < loud_dbov) continue;
        if (out.empty() || time_at(at) - out.back().until > pause) {
            out.push_back({time_at(at), time_at(at)});
            sum = 0;
            frames = 0;
        }
        sum += here;
        ++frames;
        out.back().until = time_at(at + frame);
        out.back().level_dbov = dbov(sum / frames);
    }
    return out;
}

double share_of_tone(std::span<std::int16_t const> samples, double hz) {
    constexpr auto block = std::size_t(heard_rate_hz) / 20;
    auto const w = 2 * std::numbers::pi * hz / heard_rate_hz;
    auto at_tone = 0.0;
    auto in_all = 0.0;
    for (auto at = 0uz; at + block <= samples.size(); at += block) {
        auto const part = samples.subspan(at, block);
        auto const all = power(part);
        if (dbov(all) < loud_dbov) continue;
        auto before = 0.0, last = 0.0;
        for (auto const sample : part) {
            auto const next = sample / 32768.0 + 2 * std::cos(w) * last - before;
            before = last;
            last = next;
        }
        auto const amplitude = 2 * std::sqrt(std::max(0.0, before * before + last * last - 2 * std::cos(w) * before * last)) / double(block);
        at_tone += amplitude * amplitude / 2;
        in_all += all;
    }
    return in_all > 0 ? std::min(1.0, at_tone / in_all) : 0;
}

Result<std::vector<std::int16_t>> received_side(std::filesystem::path const& wav) {
    SF_INFO info{};
    std::unique_ptr<SNDFILE, decltype(&sf_close)> const file{sf_open(wav.c_str(), SFM_READ, &info), &sf_close};
    if (!file) return fail(Errc::unavailable, "cannot read the recording " + wav.string());
    std::vector<std::int16_t> all(std::size_t(info.frames) * std::size_t(info.channels));
    all.resize(std::size_t(sf_readf_short(file.get(), all.data(), info.frames)) * std::size_t(info.channels));
    std::vector<std::int16_t> left;
    left.reserve(all.size() / std::size_t(info.channels));
    for (auto at = 0uz; at < all.size(); at += std::size_t(info.channels)) left.push_back(all[at]);
    return left;
}

}  // namespace boni::cli
