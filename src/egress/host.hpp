// The host of a URL or SIP URI: one narrow grammar, nothing is normalised first (egress.md 2, "Host"). Pure. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace boni::egress {

struct Authority {
    std::string host;                                ///< lower case, no brackets, no trailing dot
    std::optional<Address> literal;                  ///< when the host is an address; port 0
    std::optional<std::uint16_t> port;
};

/// "host[:port]" without userinfo: a canonical IPv4, a bracketed IPv6, a name of two labels or more, or "localhost", which the caller
/// refuses unless the policy allows it. nullopt for anything else.
std::optional<Authority> parse_authority(std::string_view text);

/// What every URL and SIP URI is made of: 1 to 2048 bytes of 0x21-0x7E, none that shells, parsers or headers would take amiss.
bool plain_bytes(std::string_view text);

/// "hooks.example.com:8443" of a URL, for logs and timelines: never the path or the query, which may hold secrets.
std::string host_of(std::string_view url);

}  // namespace boni::egress
