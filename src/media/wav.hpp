// The 44 bytes before 16-bit PCM in a RIFF WAVE file. Thread: any; pure.
#pragma once

#include <array>
#include <cstdint>

namespace boni::media {

constexpr std::size_t wav_header_size = 44;
/// The length fields are 32 bits wide: about 37 hours of stereo at 8 kHz.
constexpr std::uint64_t wav_data_max = 0xffff'ffffu - wav_header_size;

std::array<std::uint8_t, wav_header_size> wav_header(unsigned channels, unsigned rate_hz, std::uint64_t data_bytes);

}  // namespace boni::media
