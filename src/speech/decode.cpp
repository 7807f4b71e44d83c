#include "speech/decode.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include <sndfile.h>

#include "media/resample.hpp"

namespace boni::speech {
namespace {

constexpr int minutes_max = 15;
constexpr int channels_max = 2;
constexpr int rate_min = 8'000;
constexpr int rate_max = 192'000;
constexpr float peak_max = 0.891251f;   // -1 dBFS

/// libsndfile reads through these; `at` is the position in the bytes.
struct Source {
    std::string_view bytes;
    sf_count_t at = 0;
};
Source& source(void* user) { return *static_cast<Source*>(user); }

sf_count_t length(void* user) { return sf_count_t(source(user).bytes.size()); }
sf_count_t tell(void* user) { return source(user).at; }
sf_count_t seek(sf_count_t offset, int whence, void* user) {
    auto& in = source(user);
    auto const base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? in.at : length(user);
    in.at = std::clamp<sf_count_t>(base + offset, 0, length(user));
    return in.at;
}
sf_count_t read(void* out, sf_count_t count, void* user) {
    auto& in = source(user);
    auto const size = std::clamp<sf_count_t>(count, 0, length(user) - in.at);
    std::memcpy(out, in.bytes.data() + in.at, std::size_t(size));
    in.at += size;
    return size;
}

bool supported(int format) {
    switch (format & SF_FORMAT_TYPEMASK) {
        case SF_FORMAT_WAV:
        case SF_FORMAT_WAVEX:
        case SF_FORMAT_MPEG:
        case SF_FORMAT_OGG:
        case SF_FORMAT_FLAC: return true;
        default: return false;
    }
}

std::vector<std::int16_t> to_pcm(std::vector<float> const& mono) {
    auto peak = 0.0f;
    for (auto const sample : mono) peak = std::max(peak, std::isfinite(sample) ? std::abs(sample) : 0.0f);
    auto const gain = peak > peak_max ? peak_max / peak : 1.0f;   // only ever quieter
    std::vector<std::int16_t> pcm(mono.size());
    std::ranges::transform(mono, pcm.begin(), [gain](float sample) {
        return std::isfinite(sample) ? std::int16_t(std::lround(std::clamp(sample * gain, -1.0f, 1.0f) * 32767.0f)) : std::int16_t{0};
    });
    return pcm;
}

auto unsupported(std::string why) { return fail(Errc::invalid, "unusable audio: " + std::move(why), "audioUrl", "unsupported_audio"); }

}  // namespace

Result<media::Clip> decode(std::string_view bytes) {
    Source in{bytes};
    SF_VIRTUAL_IO io{.get_filelen = length, .seek = seek, .read = read, .write = nullptr, .tell = tell};
    SF_INFO info{};
    std::unique_ptr<SNDFILE, decltype(&sf_close)> const file{sf_open_virtual(&io, SFM_READ, &info, &in), &sf_close};
    if (!file || !supported(info.format)) return unsupported("not WAV, MP3, Ogg, Opus or FLAC");
    if (info.channels < 1 || info.channels > channels_max) return unsupported("more than 2 channels");
    if (info.samplerate < rate_min || info.samplerate > rate_max) return unsupported("sample rate outside 8 to 192 kHz");

    auto const frames_max = std::size_t(info.samplerate) * 60 * minutes_max;
    std::vector<float> mono;
    std::vector<float> block(std::size_t(info.channels) * 8192);
    // The header's frame count is a claim of the sender: what counts is what can be read.
    while (auto const got = sf_readf_float(file.get(), block.data(), 8192)) {
        if (got < 0) break;
        if (mono.size() + std::size_t(got) > frames_max) return fail(Errc::invalid, "audio is longer than 15 minutes", "audioUrl", "too_large");
        for (auto frame = 0uz; frame < std::size_t(got); ++frame)
            mono.push_back(info.channels == 1 ? block[frame] : (block[2 * frame] + block[2 * frame + 1]) / 2);
    }
    if (mono.empty()) return unsupported("no samples");

    auto const pcm = to_pcm(mono);
    auto clip = std::make_shared<media::Pcm>();
    clip->narrow = media::resample(pcm, info.samplerate, 8'000);
    clip->wide = media::resample(pcm, info.samplerate, 16'000);
    return media::Clip{std::move(clip)};
}

}  // namespace boni::speech
