#include "speech/decode.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include <sndfile.h>

#include "media/resample.hpp"

namespace boni::speech {
namespace {

constexpr int minutes_max = 15;
constexpr int channels_max = 2;
constexpr int rate_min = 8'000;
constexpr int rate_max = 192'000;
constexpr std::size_t block_samples = 16'384;
constexpr float peak_max = 0.891251f;   // -1 dBFS

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
    std::uint32_t out = 0;
    for (auto i = 4uz; i-- > 0;) out = out << 8 | std::uint8_t(bytes[at + i]);
    return out;
}

/// Where a WAV that was written to a pipe says that it has no samples: its encoder could not go back to tell how many came. npos: it is no
/// such file. One that is empty indeed says as a whole where it ends.
std::size_t unknown_length(std::string_view bytes) {
    if (bytes.size() < 12 || !bytes.starts_with("RIFF") || bytes.substr(8, 4) != "WAVE") return std::string_view::npos;
    for (std::uint64_t at = 12; at + 8 < bytes.size();) {
        auto const size = number_at(bytes, at + 4);
        if (bytes.substr(at, 4) == "data") {
            auto const whole = number_at(bytes, 4);
            return size == 0 && (whole == 0xffff'ffff || whole <= at) ? at + 4 : std::string_view::npos;
        }
        at += 8 + std::uint64_t{size} + size % 2;
    }
    return std::string_view::npos;
}

/// libsndfile reads through these; `at` is the position in the bytes. The length that is `unknown` reads as the longest: libsndfile takes
/// that for the rest of the file.
struct Source {
    std::string_view bytes;
    std::size_t unknown = unknown_length(bytes);
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
    if (in.unknown != std::string_view::npos)
        for (auto at = in.unknown; at < in.unknown + 4; ++at)
            if (sf_count_t(at) >= in.at && sf_count_t(at) < in.at + size) static_cast<std::uint8_t*>(out)[at - std::size_t(in.at)] = 0xff;
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

auto unsupported(std::string why) { return fail(Errc::invalid, "unusable audio: " + std::move(why), "audioUrl", "unsupported_audio"); }

bool too_late(Steady until) { return std::chrono::steady_clock::now() >= until; }
auto given_up() { return fail(Errc::timeout, "the audio took too long to decode", {}, "timeout"); }

/// A file that is read once, from its beginning.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : source_{bytes}, file_{sf_open_virtual(&io_, SFM_READ, &info_, &source_), &sf_close} {}

    Result<> check() const {
        if (!file_ || !supported(info_.format)) return unsupported("not WAV, MP3, Ogg, Opus or FLAC");
        if (info_.channels < 1 || info_.channels > channels_max) return unsupported("more than 2 channels");
        if (info_.samplerate < rate_min || info_.samplerate > rate_max) return unsupported("sample rate outside 8 to 192 kHz");
        return {};
    }
    int rate() const { return info_.samplerate; }

    /// The next frames as one channel, finite; none at the end. The header's frame count is a claim of the sender: what counts is
    /// what can be read.
    std::span<float const> next() {
        auto const channels = std::size_t(info_.channels);
        auto const got = sf_readf_float(file_.get(), block_.data(), sf_count_t(block_.size() / channels));
        auto const frames = got > 0 ? std::size_t(got) : 0uz;
        for (auto frame = 0uz; frame < frames; ++frame) {
            auto const sample = channels == 1 ? block_[frame] : (block_[2 * frame] + block_[2 * frame + 1]) / 2;
            block_[frame] = std::isfinite(sample) ? sample : 0.0f;
        }
        return std::span{block_}.first(frames);
    }

  private:
    Source source_;
    SF_VIRTUAL_IO io_{.get_filelen = length, .seek = seek, .read = read, .write = nullptr, .tell = tell};
    SF_INFO info_{};
    std::unique_ptr<SNDFILE, decltype(&sf_close)> file_;
    std::vector<float> block_ = std::vector<float>(block_samples);
};

}  // namespace

// Twice through the file, first for its length and its loudest sample: 15 minutes at 192 kHz held whole would be 700 MB.

Result<Measured> measure(std::string_view bytes, Steady until) {
    Reader first{bytes};
    CHECK_OK(first.check());
    Measured out{.rate = first.rate()};
    auto const frames_max = std::size_t(out.rate) * 60 * minutes_max;
    for (auto block = first.next(); !block.empty(); block = first.next()) {
        if (too_late(until)) return given_up();
        out.frames += block.size();
        if (out.frames > frames_max) return fail(Errc::invalid, "audio is longer than 15 minutes", "audioUrl", "too_large");
        for (auto const sample : block) out.peak = std::max(out.peak, std::abs(sample));
    }
    if (out.frames == 0) return unsupported("no samples");
    return out;
}

Result<media::Clip> decode(std::string_view bytes, Measured const& measured, Steady until) {
    auto const [rate, frames, peak] = measured;
    auto const gain = peak > peak_max ? peak_max / peak : 1.0f;   // only ever quieter
    media::ClipResampler wide{rate, 16'000, frames};
    std::optional<media::ClipResampler> narrow;                   // else by way of 16 kHz: the filter of a great step costs the most
    if (rate <= 16'000) narrow.emplace(rate, 8'000, frames);
    Reader second{bytes};
    std::vector<std::int16_t> pcm;
    for (auto block = second.next(); !block.empty(); block = second.next()) {
        if (too_late(until)) return given_up();
        pcm.resize(block.size());
        auto const louder = [gain](float sample) { return std::int16_t(std::lround(std::clamp(sample * gain, -1.0f, 1.0f) * 32767.0f)); };
        std::ranges::transform(block, pcm.begin(), louder);
        wide.process(pcm);
        if (narrow) narrow->process(pcm);
    }
    auto clip = std::make_shared<media::Pcm>();
    clip->wide = wide.finish();
    clip->narrow = narrow ? narrow->finish() : media::resample(clip->wide, 16'000, 8'000);
    return media::Clip{std::move(clip)};
}

Result<media::Clip> decode(std::string_view bytes, Steady until) {
    TRY(auto const measured, measure(bytes, until));
    return decode(bytes, measured, until);
}

}  // namespace boni::speech
