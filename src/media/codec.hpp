// The contract of a file in src/media/codecs/ (the folder is the registry). Thread: any; codecs here keep no state.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace boni::media {

/// The pipeline works in frames of 20 ms at 8 kHz.
constexpr std::size_t frame_samples = 160;
constexpr int sample_hz = 8000;
using Frame = std::array<std::int16_t, frame_samples>;

struct Codec {
    std::string_view name;           ///< as in rtpmap
    std::uint8_t silence;            ///< the code of a zero sample
    /// How many samples so many bytes hold; 0 when that is no whole packet.
    std::size_t (*samples)(std::size_t bytes);
    /// `out` holds exactly samples(in.size()).
    void (*decode)(std::span<std::uint8_t const> in, std::span<std::int16_t> out);
    /// Bytes written; `out` is large enough for the caller's frame.
    std::size_t (*encode)(std::span<std::int16_t const> in, std::span<std::uint8_t> out);
};

/// One file may hold the variants of one standard, as G.711 has two laws.
struct CodecFamily {
    std::span<Codec const> codecs;
};

std::span<CodecFamily const* const> all_codecs();   // generated from the folder

/// By rtpmap name; nullptr for what is no audio codec of ours.
Codec const* find_codec(std::string_view name);

}  // namespace boni::media
