// RTP packets on the wire (RFC 3550 5.1, 5.3.1). Pure functions over bytes; nothing allocates. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace boni::media {

using Bytes = std::span<std::uint8_t const>;

/// Bigger ones never reach the pipeline: an Ethernet frame is the largest thing a peer has reason to send.
constexpr std::size_t packet_max = 1500;

struct RtpHeader {
    std::uint8_t type = 0;           ///< payload type, 7 bits
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;     ///< in units of the payload's clock
    std::uint32_t ssrc = 0;
};

struct RtpPacket {
    RtpHeader header;
    Bytes payload;                   ///< a view into what was parsed, without CSRC list, extension and padding
};

constexpr std::size_t rtp_header_size = 12;

/// Nothing for what is not RTP version 2, for a length that contradicts itself, and for RTCP that came to the RTP port.
std::optional<RtpPacket> parse_rtp(Bytes packet);

/// Writes the 12 bytes of a header without CSRC or extension; `out` holds at least that much.
void write_rtp(RtpHeader const& header, std::span<std::uint8_t> out);

/// RFC 5761 4: with the version bits right, these second bytes are RTCP and never RTP.
inline bool looks_like_rtcp(Bytes packet) {
    return packet.size() >= 8 && (packet[0] >> 6) == 2 && packet[1] >= 192 && packet[1] <= 223;
}

// Network byte order, unaligned.
inline std::uint16_t read16(Bytes in, std::size_t at) { return std::uint16_t(in[at] << 8 | in[at + 1]); }
inline std::uint32_t read32(Bytes in, std::size_t at) { return std::uint32_t(read16(in, at)) << 16 | read16(in, at + 2); }
inline void write16(std::span<std::uint8_t> out, std::size_t at, std::uint16_t value) {
    out[at] = std::uint8_t(value >> 8);
    out[at + 1] = std::uint8_t(value);
}
inline void write32(std::span<std::uint8_t> out, std::size_t at, std::uint32_t value) {
    write16(out, at, std::uint16_t(value >> 16));
    write16(out, at + 2, std::uint16_t(value));
}

}  // namespace boni::media
