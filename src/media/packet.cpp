#include "media/packet.hpp"

namespace boni::media {

std::optional<RtpPacket> parse_rtp(Bytes packet) {
    if (packet.size() < rtp_header_size || packet.size() > packet_max) return {};
    if ((packet[0] >> 6) != 2 || looks_like_rtcp(packet)) return {};
    auto start = rtp_header_size + 4uz * (packet[0] & 0x0f);
    if (packet[0] & 0x10) {   // header extension: 4 bytes of its own, then a length in words
        if (packet.size() < start + 4) return {};
        start += 4 + 4uz * read16(packet, start + 2);
    }
    if (packet.size() < start) return {};
    auto size = packet.size() - start;
    if (packet[0] & 0x20) {   // padding: its length is the last byte and counts itself
        if (size == 0 || packet.back() == 0 || packet.back() > size) return {};
        size -= packet.back();
    }
    return RtpPacket{.header = {.type = std::uint8_t(packet[1] & 0x7f),
                                .marker = (packet[1] & 0x80) != 0,
                                .sequence = read16(packet, 2),
                                .timestamp = read32(packet, 4),
                                .ssrc = read32(packet, 8)},
                     .payload = packet.subspan(start, size)};
}

void write_rtp(RtpHeader const& header, std::span<std::uint8_t> out) {
    out[0] = 0x80;
    out[1] = std::uint8_t((header.marker ? 0x80 : 0) | header.type);
    write16(out, 2, header.sequence);
    write32(out, 4, header.timestamp);
    write32(out, 8, header.ssrc);
}

}  // namespace boni::media
