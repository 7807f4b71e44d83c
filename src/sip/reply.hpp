// Where an answer goes (RFC 3261 18.2.2, RFC 3581). Thread: SIP.
#pragma once

#include "sip/re.hpp"
#include "sip/trunk.hpp"

namespace boni::sip {

/// The source of the packet, whatever its Via says (sip.md 2.3); over UDP without rport the port is the Via's. Over TCP it is the
/// connection of the request while that lives, then the port the Via names, at the address the request came from.
struct sa reply_address(struct sip_msg const& request, Nat nat);

}  // namespace boni::sip
