#include "media/wav.hpp"

#include <algorithm>
#include <string_view>

namespace boni::media {

std::array<std::uint8_t, wav_header_size> wav_header(unsigned channels, unsigned rate_hz, std::uint64_t data_bytes) {
    std::array<std::uint8_t, wav_header_size> out{};
    auto at = out.begin();
    auto text = [&](std::string_view word) { at = std::ranges::copy(word, at).out; };
    auto number = [&](std::uint64_t value, int bytes) {   // little endian
        for (; bytes > 0; --bytes, value >>= 8) *at++ = std::uint8_t(value);
    };
    text("RIFF");
    number(data_bytes + wav_header_size - 8, 4);
    text("WAVEfmt ");
    number(16, 4);
    number(1, 2);   // PCM
    number(channels, 2);
    number(rate_hz, 4);
    number(std::uint64_t{rate_hz} * channels * 2, 4);
    number(channels * 2, 2);
    number(16, 2);
    text("data");
    number(data_bytes, 4);
    return out;
}

}  // namespace boni::media
