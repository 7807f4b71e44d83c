// A socket address as a value: IPv4 or IPv6 and a port. Thread: any.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/result.hpp"

namespace boni {

struct Address {
    int family = AF_INET;                 ///< AF_INET or AF_INET6
    std::array<std::uint8_t, 16> ip{};    ///< network order; an IPv4 address is in the first four bytes
    std::uint16_t port = 0;               ///< host order

    static Result<Address> parse(std::string_view ip, std::uint16_t port);    ///< a literal, without brackets
    static Result<Address> parse_host_port(std::string_view text);            ///< "127.0.0.1:5060" or "[::1]:5060"
    static Address from(sockaddr const* address);

    /// Fills `out` and returns its length, for bind, connect and sendto.
    socklen_t to(sockaddr_storage& out) const;
    std::string ip_text() const;    ///< "127.0.0.1", "::1"
    std::string text() const;       ///< "127.0.0.1:5060", "[::1]:5060"
    bool loopback() const;
    bool any() const;
    auto operator<=>(Address const&) const = default;
};

/// Whatever their ports.
bool same_ip(Address const& a, Address const& b);

/// One IPv4 address, or the /64 that one IPv6 host has for itself, without a port: who is counted as one.
Address network_of(Address address);

/// The address the kernel would send from to `peer`, with port 0: what we call ourselves when nothing is configured. Nothing is sent.
/// Any address when there is no way to it.
Address source_towards(Address const& peer);

/// Of every interface, with port 0.
std::vector<Address> local_addresses();

}  // namespace boni
