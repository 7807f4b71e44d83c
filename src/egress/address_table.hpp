// Which addresses are public (egress.md 3). Works on the bytes, never on text. Pure. Thread: any.
#pragma once

#include <optional>

#include "base/address.hpp"

namespace boni::egress {

/// IPv4: everything but the refused ranges. IPv6: only the allowed set; a v4-mapped address is IPv6 and refused. Below `nat64_prefix`
/// (a /96) the embedded IPv4 decides.
bool public_address(Address const& address, std::optional<Address> const& nat64_prefix);

}  // namespace boni::egress
