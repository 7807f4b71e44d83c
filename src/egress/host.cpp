#include "egress/host.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/number.hpp"

namespace boni::egress {
namespace {

constexpr std::size_t url_bytes_max = 2048;
constexpr std::size_t name_bytes_max = 253;      // RFC 1035 2.3.4, without the root's dot
constexpr std::size_t label_bytes_max = 63;

/// Last labels that never lead to the public internet (RFC 6761, 6762, 7686, 8375 and habits of private networks).
constexpr std::array<std::string_view, 17> internal_labels{"localhost", "local", "internal", "test",    "invalid", "example",     "onion", "alt", "arpa",
                                                           "lan",       "home",  "corp",     "intranet", "private", "svc", "localdomain", "mail"};

bool digit(char byte) { return byte >= '0' && byte <= '9'; }
bool hex_digit(char byte) { return digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F'); }

/// Four decimal octets without leading zeros: "010.0.0.1", "127.1" and "0x7f.1" mean different things to different parsers.
bool canonical_ipv4(std::string_view text) {
    int octets = 0;
    for (std::size_t at = 0; octets < 4; ++octets) {
        auto const end = std::min(text.find('.', at), text.size());
        auto const octet = text.substr(at, end - at);
        if (octet.empty() || octet.size() > 3 || !std::ranges::all_of(octet, digit) || (octet.size() > 1 && octet[0] == '0')) return false;
        if (!number_of<std::uint8_t>(octet)) return false;
        if (end == text.size()) return octets == 3;
        at = end + 1;
    }
    return false;
}

std::optional<Address> ipv6(std::string_view text) {
    auto const dotted = text.find('.') == text.npos ? std::string_view{} : text.substr(std::min(text.rfind(':') + 1, text.size()));
    auto const groups = text.substr(0, text.size() - dotted.size());
    if (!std::ranges::all_of(groups, [](char byte) { return hex_digit(byte) || byte == ':'; })) return std::nullopt;
    if (!dotted.empty() && !canonical_ipv4(dotted)) return std::nullopt;
    auto const parsed = Address::parse(text, 0);
    if (!parsed || parsed->family != AF_INET6) return std::nullopt;
    return *parsed;
}

bool good_label(std::string_view label) {
    if (label.empty() || label.size() > label_bytes_max || label.front() == '-' || label.back() == '-') return false;
    return std::ranges::all_of(label, [](char byte) { return digit(byte) || byte == '-' || (byte >= 'a' && byte <= 'z'); });
}

/// `name` is lower case and without its trailing dot.
bool public_name(std::string_view name) {
    if (name.empty() || name.size() > name_bytes_max || name.find('.') == name.npos) return false;
    auto last = name;
    for (std::size_t at = 0; at <= name.size();) {
        auto const end = std::min(name.find('.', at), name.size());
        last = name.substr(at, end - at);
        if (!good_label(last)) return false;
        at = end + 1;
    }
    if (std::ranges::all_of(last, digit)) return false;
    if (last.starts_with("0x") && std::ranges::all_of(last.substr(2), hex_digit)) return false;   // WHATWG takes it for a number
    return std::ranges::find(internal_labels, last) == internal_labels.end();
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    auto const port = text.size() <= 5 ? number_of<std::uint16_t>(text) : std::nullopt;
    return port && *port > 0 ? port : std::nullopt;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
    Authority out;
    auto const bracketed = text.starts_with('[');
    auto const close = bracketed ? text.find(']') : 0;
    if (close == text.npos) return std::nullopt;
    auto const colon = text.find(':', close);
    auto const host = text.substr(0, colon);
    if (colon != text.npos) {
        out.port = parse_port(text.substr(colon + 1));
        if (!out.port) return std::nullopt;
    }
    if (bracketed) {
        if (!host.ends_with(']')) return std::nullopt;
        out.host = lower(host.substr(1, host.size() - 2));
        out.literal = ipv6(out.host);
        if (!out.literal) return std::nullopt;
        return out;
    }
    out.host = lower(host);
    if (out.host == "localhost") return out;
    if (canonical_ipv4(out.host)) {
        out.literal = *Address::parse(out.host, 0);
        return out;
    }
    if (out.host.ends_with('.')) out.host.pop_back();
    if (!public_name(out.host)) return std::nullopt;
    return out;
}

bool plain_bytes(std::string_view text) {
    if (text.empty() || text.size() > url_bytes_max) return false;
    if (!std::ranges::all_of(text, [](char byte) { return byte >= 0x21 && byte <= 0x7E; })) return false;
    if (text.find_first_of("\\\"`<>^{}|") != text.npos) return false;
    for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
        auto const code = lower(text.substr(at + 1, 2));
        if (code == "00" || code == "0a" || code == "0d") return false;
    }
    return true;
}

std::string host_of(std::string_view url) {
    if (auto const scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
    return std::string{url.substr(0, url.find_first_of("/?#"))};
}

}  // namespace boni::egress
