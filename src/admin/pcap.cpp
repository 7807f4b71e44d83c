#include "admin/pcap.hpp"

#include <cstdint>

namespace boni::admin {
namespace {

constexpr std::uint32_t link_type_raw = 101;
constexpr std::uint32_t snap_length = 262'144;
constexpr std::size_t payload_max = 65'507;              // an IPv4 packet less its headers
constexpr std::size_t udp_head = 8;
constexpr char udp = 17;

void little(std::string& out, std::uint32_t value, int bytes) {
    for (int byte = 0; byte < bytes; ++byte) out += char(value >> (8 * byte));
}

void big(std::string& out, std::uint32_t value, int bytes) {
    for (int byte = bytes - 1; byte >= 0; --byte) out += char(value >> (8 * byte));
}

std::string raw(Address const& address) {
    auto const size = address.family == AF_INET ? 4uz : 16uz;
    return {reinterpret_cast<char const*>(address.ip.data()), size};
}

/// Ones' complement of the sum of 16-bit words (RFC 1071).
std::uint16_t checksum(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        auto const low = at + 1 < bytes.size() ? static_cast<unsigned char>(bytes[at + 1]) : 0;
        sum += std::uint32_t(static_cast<unsigned char>(bytes[at]) << 8 | low);
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return std::uint16_t(~sum);
}

/// RFC 768, with the pseudo-header that both families share.
std::string udp_datagram(Datagram const& datagram, std::string_view payload) {
    auto const length = std::uint32_t(udp_head + payload.size());
    auto const with = [&](std::uint16_t sum) {
        std::string out;
        big(out, datagram.from.port, 2), big(out, datagram.to.port, 2), big(out, length, 2), big(out, sum, 2);
        return out.append(payload);
    };
    auto pseudo = raw(datagram.from) + raw(datagram.to);
    big(pseudo, udp, 4), big(pseudo, length, 4);
    auto const sum = checksum(pseudo + with(0));
    return with(sum == 0 ? 0xFFFF : sum);
}

std::string ip_packet(Datagram const& datagram) {
    auto const segment = udp_datagram(datagram, std::string_view{datagram.payload}.substr(0, payload_max));
    auto const addresses = raw(datagram.from) + raw(datagram.to);
    if (datagram.from.family == AF_INET6) {
        std::string out{"\x60\0\0\0", 4};
        big(out, std::uint32_t(segment.size()), 2);
        return out + udp + '\x40' + addresses + segment;
    }
    std::string head{"\x45\0", 2};
    big(head, std::uint32_t(20 + segment.size()), 2);
    head.append("\0\0\x40\0\x40", 5);                    // no fragments, 64 hops
    head += udp;
    auto const sum = checksum(head + std::string(2, '\0') + addresses);
    big(head, sum, 2);
    return head + addresses + segment;
}

}  // namespace

std::string pcap(std::span<Datagram const> datagrams) {
    std::string out;
    little(out, 0xA1B2C3D4, 4), little(out, 2, 2), little(out, 4, 2), little(out, 0, 4), little(out, 0, 4);
    little(out, snap_length, 4), little(out, link_type_raw, 4);
    for (auto const& datagram : datagrams) {
        if (datagram.from.family != datagram.to.family) continue;
        auto const packet = ip_packet(datagram);
        auto const micros = datagram.at.time_since_epoch().count();
        little(out, std::uint32_t(micros / 1'000'000), 4), little(out, std::uint32_t(micros % 1'000'000), 4);
        little(out, std::uint32_t(packet.size()), 4), little(out, std::uint32_t(packet.size()), 4);
        out += packet;
    }
    return out;
}

}  // namespace boni::admin
