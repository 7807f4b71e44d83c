// The far end of one dialog as the transport sees it: where its requests go and what they must carry (RFC 3261 12). Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sip/transport.hpp"

namespace boni::sip {

struct Peer {
    std::string tag;                      ///< remote tag
    std::string target;                   ///< remote target: URI of its last Contact
    std::vector<std::string> routes;      ///< route set, in the order we send it
    Address source;                       ///< where its messages come from
    Transport transport = Transport::udp; ///< and over what
    std::optional<std::uint32_t> cseq{};  ///< of its newest request
    std::optional<Hop> looked_up{};       ///< of the next hop when it is a name; forgotten when the target changes
};

/// Host, port and transport of a sip: or sips: URI; none for another scheme or without a host.
std::optional<Target> target_of(std::string_view uri);
/// The next hop of a request within the dialog: the first route, else the remote target.
std::optional<Target> next_hop(Peer const& peer);
/// Request URI and Route headers; a first route without `lr` is a strict router (RFC 3261 12.2.1.1).
struct Routing {
    std::string request_uri;
    std::vector<std::string> routes;
};
Routing routing(Peer const& peer);

/// Record-Route of a request in order, of a response reversed (12.1.1, 12.1.2); at most routes_max.
std::vector<std::string> route_set(struct sip_msg const& message);
/// Contact of a message; empty without one that is a sip: or sips: URI.
std::string contact_of(struct sip_msg const& message);

/// Not routed on the Internet: RFC 1918, 6598, 3927, 4193, loopback.
bool private_address(Address const& address);
/// A private Contact of a peer that is seen at a public address is behind NAT: its source is where it can be reached
/// (sip.md 2.3).
bool behind_nat(Nat nat, Address const& contact, Address const& source);

}  // namespace boni::sip
