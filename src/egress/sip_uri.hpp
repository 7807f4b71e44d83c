// The grammar of a SIP URI that a customer supplies (egress.md 2, "SIP URI"): far narrower than RFC 3261 19.1.1.
// Pure. Thread: any.
#pragma once

#include <optional>
#include <string_view>

#include "egress/url.hpp"

namespace boni::egress {

/// The form alone; the address table is the caller's. nullopt when refused.
std::optional<Url> parse_sip_uri(std::string_view text);

}  // namespace boni::egress
