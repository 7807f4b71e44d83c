#include "base/address.hpp"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <ifaddrs.h>

#include "base/fd.hpp"
#include "base/number.hpp"

namespace boni {

Result<Address> Address::parse(std::string_view ip, std::uint16_t port) {
    std::string const text{ip};
    if (text.contains('\0')) return fail(Errc::invalid, "an IP address has no NUL in it");   // C would read what is before it
    Address address;
    address.port = port;
    if (inet_pton(AF_INET, text.c_str(), address.ip.data()) == 1) return address;
    address.family = AF_INET6;
    if (inet_pton(AF_INET6, text.c_str(), address.ip.data()) == 1) return address;
    return fail(Errc::invalid, "'" + text + "' is not an IP address");
}

Result<Address> Address::parse_host_port(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return fail(Errc::invalid, "'" + std::string{text} + "' is not ip:port");
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    auto const port = number_of<std::uint16_t>(text.substr(colon + 1));
    if (!port) return fail(Errc::invalid, "'" + std::string{text} + "' has no valid port");
    return parse(host, *port);
}

Address Address::from(sockaddr const* address) {
    Address out;
    out.family = address->sa_family;
    if (address->sa_family == AF_INET6) {
        auto const* six = reinterpret_cast<sockaddr_in6 const*>(address);
        std::memcpy(out.ip.data(), &six->sin6_addr, 16);
        out.port = ntohs(six->sin6_port);
    } else {
        auto const* four = reinterpret_cast<sockaddr_in const*>(address);
        std::memcpy(out.ip.data(), &four->sin_addr, 4);
        out.port = ntohs(four->sin_port);
    }
    return out;
}

socklen_t Address::to(sockaddr_storage& out) const {
    std::memset(&out, 0, sizeof out);
    if (family == AF_INET6) {
        auto* six = reinterpret_cast<sockaddr_in6*>(&out);
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        std::memcpy(&six->sin6_addr, ip.data(), 16);
        return sizeof(sockaddr_in6);
    }
    auto* four = reinterpret_cast<sockaddr_in*>(&out);
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    std::memcpy(&four->sin_addr, ip.data(), 4);
    return sizeof(sockaddr_in);
}

std::string Address::ip_text() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(family, ip.data(), text.data(), text.size()) ? text.data() : "?";
}

std::string Address::text() const {
    auto const host = ip_text();
    return (family == AF_INET6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

bool Address::loopback() const {
    if (family == AF_INET) return ip[0] == 127;
    return std::all_of(ip.begin(), ip.begin() + 15, [](auto byte) { return byte == 0; }) && ip[15] == 1;
}

bool Address::any() const {
    return std::all_of(ip.begin(), ip.end(), [](auto byte) { return byte == 0; });
}

bool same_ip(Address const& a, Address const& b) { return a.family == b.family && a.ip == b.ip; }

Address network_of(Address address) {
    if (address.family == AF_INET6) std::fill(address.ip.begin() + 8, address.ip.end(), 0);
    address.port = 0;
    return address;
}

Address source_towards(Address const& peer) {
    Address source;
    source.family = peer.family;
    Fd const fd{::socket(peer.family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!fd) return source;
    sockaddr_storage storage;
    auto const* const there = reinterpret_cast<sockaddr const*>(&storage);
    auto size = peer.to(storage);
    if (::connect(fd.get(), there, size) != 0) return source;
    size = sizeof storage;
    if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &size) == 0) source = Address::from(there);
    source.port = 0;
    return source;
}

std::vector<Address> local_addresses() {
    std::vector<Address> out;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return out;
    for (auto const* one = list; one; one = one->ifa_next)
        if (one->ifa_addr && (one->ifa_addr->sa_family == AF_INET || one->ifa_addr->sa_family == AF_INET6)) out.push_back(Address::from(one->ifa_addr));
    freeifaddrs(list);
    return out;
}

}  // namespace boni
