#include "media/rtcp.hpp"

#include <algorithm>

namespace boni::media {
namespace {

enum Type : std::uint8_t { sr = 200, rr = 201, sdes = 202, bye = 203 };
constexpr std::size_t block_size = 24;

void write_header(std::span<std::uint8_t> out, std::size_t at, unsigned count, Type type, std::size_t size) {
    out[at] = std::uint8_t(0x80 | count);
    out[at + 1] = type;
    write16(out, at + 2, std::uint16_t(size / 4 - 1));
}

void write_block(std::span<std::uint8_t> out, std::size_t at, ReportBlock const& block) {
    write32(out, at, block.ssrc);
    write32(out, at + 4, std::uint32_t(block.fraction_lost) << 24 | (std::uint32_t(std::clamp(block.lost, -0x800000, 0x7fffff)) & 0xffffff));
    write32(out, at + 8, block.highest);
    write32(out, at + 12, block.jitter);
    write32(out, at + 16, block.last_sr);
    write32(out, at + 20, block.since_last_sr);
}

ReportBlock read_block(Bytes in, std::size_t at) {
    auto const lost = read32(in, at + 4);
    return {.ssrc = read32(in, at), .fraction_lost = std::uint8_t(lost >> 24), .lost = std::int32_t(lost << 8) >> 8,
            .highest = read32(in, at + 8), .jitter = read32(in, at + 12), .last_sr = read32(in, at + 16),
            .since_last_sr = read32(in, at + 20)};
}

}  // namespace

std::size_t write_rtcp(RtcpOut const& report, std::span<std::uint8_t> out) {
    auto size = 8uz;
    write32(out, 4, report.ssrc);
    if (report.sender) {
        write32(out, 8, std::uint32_t(report.sender->ntp >> 32));
        write32(out, 12, std::uint32_t(report.sender->ntp));
        write32(out, 16, report.sender->rtp_timestamp);
        write32(out, 20, report.sender->packets);
        write32(out, 24, report.sender->octets);
        size += 20;
    }
    if (report.block) {
        write_block(out, size, *report.block);
        size += block_size;
    }
    write_header(out, 0, report.block ? 1 : 0, report.sender ? sr : rr, size);

    auto const cname = report.cname.substr(0, 64);
    auto const start = size;
    write32(out, start + 4, report.ssrc);
    out[start + 8] = 1;   // CNAME
    out[start + 9] = std::uint8_t(cname.size());
    std::ranges::copy(cname, out.begin() + std::ptrdiff_t(start + 10));
    size = start + 10 + cname.size();
    do out[size++] = 0; while (size % 4 != 0);   // the list ends with at least one zero
    write_header(out, start, 1, sdes, size - start);

    if (report.bye) {
        write_header(out, size, 1, bye, 8);
        write32(out, size + 4, report.ssrc);
        size += 8;
    }
    return size;
}

std::optional<RtcpIn> parse_rtcp(Bytes packet, std::uint32_t our_ssrc) {
    if (packet.size() < 8 || (packet[1] != sr && packet[1] != rr)) return {};
    RtcpIn in{.ssrc = read32(packet, 4)};
    while (!packet.empty()) {
        if (packet.size() < 4 || (packet[0] >> 6) != 2) return {};
        auto const size = 4uz * (read16(packet, 2) + 1uz);
        if (size > packet.size()) return {};
        auto const part = packet.first(size);
        auto const count = part[0] & 0x1fuz;
        if (part[1] == sr || part[1] == rr) {
            auto const blocks = part[1] == sr ? 28uz : 8uz;
            if (size < blocks + count * block_size) return {};
            if (part[1] == sr) in.sr_ntp = Ntp{read32(part, 8)} << 32 | read32(part, 12);
            for (auto i = 0uz; i < count; ++i)
                if (read32(part, blocks + i * block_size) == our_ssrc) in.block = read_block(part, blocks + i * block_size);
        }
        if (part[1] == bye) in.bye = true;
        packet = packet.subspan(size);
    }
    return in;
}

std::optional<double> round_trip_ms(ReportBlock const& block, Ntp now) {
    if (block.last_sr == 0) return {};
    auto const ticks = std::int32_t(middle(now) - block.last_sr - block.since_last_sr);
    if (ticks < 0 || ticks > 30 * 65'536) return {};   // clocks that disagree, or a report about an SR long gone
    return ticks * 1000.0 / 65'536;
}

}  // namespace boni::media
