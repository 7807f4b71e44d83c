// G.711, both laws (ITU-T G.711). Decoding is one table look-up, encoding a few shifts: both far below the cost of a system call.
#include <algorithm>
#include <array>
#include <bit>

#include "media/codec.hpp"

namespace boni::media {

extern CodecFamily const g711_family;

namespace {

constexpr int ulaw_bias = 132;
constexpr int ulaw_clip = 32'635;   // with the bias still below 2^15

constexpr std::uint8_t to_ulaw(std::int16_t sample) {
    auto const sign = sample < 0 ? 0x80u : 0u;
    auto const magnitude = unsigned(std::min(sample < 0 ? -int(sample) : int(sample), ulaw_clip) + ulaw_bias);
    auto const segment = unsigned(std::bit_width(magnitude)) - 8;
    return std::uint8_t(~(sign | segment << 4 | ((magnitude >> (segment + 3)) & 0x0f)));
}

constexpr std::int16_t from_ulaw(std::uint8_t code) {
    auto const bits = std::uint8_t(~code);
    auto const magnitude = ((((bits & 0x0f) << 3) + ulaw_bias) << ((bits >> 4) & 7)) - ulaw_bias;
    return std::int16_t(bits & 0x80 ? -magnitude : magnitude);
}

// The even bits are inverted on the line (0x55), so that silence has transitions.
constexpr std::uint8_t to_alaw(std::int16_t sample) {
    auto const magnitude = unsigned(sample < 0 ? ~sample : sample) >> 4;
    auto code = magnitude;
    if (magnitude > 15) {
        auto const segment = unsigned(std::bit_width(magnitude)) - 4;
        code = segment << 4 | ((magnitude >> (segment - 1)) & 0x0f);
    }
    return std::uint8_t((code | (sample < 0 ? 0u : 0x80u)) ^ 0x55);
}

constexpr std::int16_t from_alaw(std::uint8_t code) {
    auto const bits = std::uint8_t(code ^ 0x55);
    auto const segment = (bits >> 4) & 7;
    auto magnitude = ((bits & 0x0f) + (segment > 0 ? 16 : 0)) * 16 + 8;
    if (segment > 1) magnitude <<= segment - 1;
    return std::int16_t(bits & 0x80 ? magnitude : -magnitude);
}

template <std::int16_t (*expand)(std::uint8_t)>
constexpr auto expanded = [] {
    std::array<std::int16_t, 256> out{};
    for (auto i = 0uz; i < out.size(); ++i) out[i] = expand(std::uint8_t(i));
    return out;
}();

template <std::int16_t (*expand)(std::uint8_t)>
void decode(std::span<std::uint8_t const> in, std::span<std::int16_t> out) {
    std::ranges::transform(in, out.begin(), [](std::uint8_t code) { return expanded<expand>[code]; });
}

template <std::uint8_t (*compress)(std::int16_t)>
std::size_t encode(std::span<std::int16_t const> in, std::span<std::uint8_t> out) {
    std::ranges::transform(in, out.begin(), compress);
    return in.size();
}

std::size_t one_byte_each(std::size_t bytes) { return bytes; }

constexpr Codec laws[] = {
    {"PCMA", to_alaw(0), one_byte_each, decode<from_alaw>, encode<to_alaw>},
    {"PCMU", to_ulaw(0), one_byte_each, decode<from_ulaw>, encode<to_ulaw>},
};

}  // namespace

CodecFamily const g711_family{laws};

}  // namespace boni::media
