#include "egress/address_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace boni::egress {
namespace {

struct Range4 {
    std::array<std::uint8_t, 4> start;
    int bits;
};
struct Range6 {
    std::array<std::uint8_t, 16> start;
    int bits;
};

// clang-format off
constexpr Range4 refused4[] = {
    {{0, 0, 0, 0}, 8},            // this network
    {{10, 0, 0, 0}, 8},           // private
    {{100, 64, 0, 0}, 10},        // carrier NAT; 100.100.100.200 is a cloud's metadata
    {{127, 0, 0, 0}, 8},          // loopback
    {{168, 63, 129, 16}, 32},     // Azure's platform address, which looks public
    {{169, 254, 0, 0}, 16},       // link-local, cloud metadata
    {{172, 16, 0, 0}, 12},        // private
    {{192, 0, 0, 0}, 24},         // protocol assignments
    {{192, 0, 2, 0}, 24},         // documentation
    {{192, 31, 196, 0}, 24},      // AS112
    {{192, 52, 193, 0}, 24},      // AMT
    {{192, 88, 99, 0}, 24},       // 6to4 relay
    {{192, 168, 0, 0}, 16},       // private
    {{192, 175, 48, 0}, 24},      // AS112
    {{198, 18, 0, 0}, 15},        // benchmarking
    {{198, 51, 100, 0}, 24},      // documentation
    {{203, 0, 113, 0}, 24},       // documentation
    {{224, 0, 0, 0}, 4},          // multicast
    {{240, 0, 0, 0}, 4},          // reserved, broadcast
};
constexpr Range6 allowed6 = {{0x20}, 3};                          // 2000::/3, global unicast
constexpr Range6 refused6[] = {
    {{0x20, 0x01, 0x00}, 23},                                     // protocol assignments, Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32},                               // documentation
    {{0x20, 0x02}, 16},                                           // 6to4
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},                   // AS112
    {{0x3f, 0xff, 0x00}, 20},                                     // documentation
};
// clang-format on

bool below(std::span<std::uint8_t const> address, std::span<std::uint8_t const> start, int bits) {
    auto const whole = std::size_t(bits / 8);
    if (!std::equal(start.begin(), start.begin() + long(whole), address.begin())) return false;
    if (bits % 8 == 0) return true;
    auto const mask = std::uint8_t(0xFF << (8 - bits % 8));
    return (address[whole] & mask) == (start[whole] & mask);
}

bool public4(std::span<std::uint8_t const> address) {
    return std::ranges::none_of(refused4, [&](Range4 const& range) { return below(address, range.start, range.bits); });
}

}  // namespace

bool public_address(Address const& address, std::optional<Address> const& nat64_prefix) {
    std::span<std::uint8_t const> const bytes{address.ip};
    if (address.family == AF_INET) return public4(bytes.first(4));
    if (address.family != AF_INET6) return false;
    if (nat64_prefix && nat64_prefix->family == AF_INET6 && below(bytes, nat64_prefix->ip, 96)) return public4(bytes.last(4));
    if (!below(bytes, allowed6.start, allowed6.bits)) return false;
    return std::ranges::none_of(refused6, [&](Range6 const& range) { return below(bytes, range.start, range.bits); });
}

}  // namespace boni::egress
