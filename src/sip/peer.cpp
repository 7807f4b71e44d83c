#include "sip/peer.hpp"

#include <algorithm>

#include "sip/reader.hpp"
#include "sip/resolve.hpp"
#include "sip/text.hpp"

namespace boni::sip {
namespace {

bool loose(std::string_view route) {
    auto const value = re::piece(route);
    struct sip_addr decoded;
    struct pl ignored;
    return sip_addr_decode(&decoded, &value) == 0 && msg_param_exists(&decoded.uri.params, "lr", &ignored) == 0;
}

bool in(Address const& address, std::string_view range) { return Cidr::parse(range)->contains(address); }

}  // namespace

std::optional<Target> target_of(std::string_view uri) {
    auto const text = re::piece(uri);
    struct uri decoded;
    if (uri_decode(&decoded, &text) != 0) return std::nullopt;
    auto const scheme = re::view(decoded.scheme);
    auto const secure = same_word(scheme, "sips");
    if ((!secure && !same_word(scheme, "sip")) || decoded.host.l == 0) return std::nullopt;
    Target target{re::str(decoded.host), std::nullopt, secure ? Transport::tls : Transport::udp};
    struct pl maddr;
    if (msg_param_decode(&decoded.params, "maddr", &maddr) == 0) target.host = re::str(maddr);   // in place of the host (RFC 3261 19.1.1)
    if (target.host.starts_with('[') && target.host.ends_with(']')) target.host = target.host.substr(1, target.host.size() - 2);
    if (decoded.port != 0) target.port = decoded.port;
    struct pl transport;
    if (!secure && msg_param_decode(&decoded.params, "transport", &transport) == 0) {
        auto const known = from_name<Transport>(lower(re::view(transport)));
        if (!known) return std::nullopt;
        target.transport = *known;
    }
    return target;
}

std::optional<Target> next_hop(Peer const& peer) { return target_of(peer.routes.empty() ? peer.target : uri_of(peer.routes.front())); }

Routing routing(Peer const& peer) {
    if (peer.routes.empty() || loose(peer.routes.front())) return {peer.target, peer.routes};
    Routing strict{uri_of(peer.routes.front()), {peer.routes.begin() + 1, peer.routes.end()}};
    strict.routes.push_back('<' + peer.target + '>');
    return strict;
}

std::vector<std::string> route_set(struct sip_msg const& message) {
    auto routes = header_values(message, "Record-Route", routes_max);
    if (!message.req) std::ranges::reverse(routes);
    return routes;
}

std::string contact_of(struct sip_msg const& message) {
    auto const* const contact = sip_msg_hdr(&message, SIP_HDR_CONTACT);
    auto uri = contact ? uri_of(re::view(contact->val)) : std::string{};
    if (!starts_with_word(uri, "sip:") && !starts_with_word(uri, "sips:")) uri.clear();   // RFC 3261 12.1.1: nothing else can be called back
    return uri;
}

bool private_address(Address const& address) {
    if (address.loopback()) return true;
    if (address.family == AF_INET6) return in(address, "fc00::/7") || in(address, "fe80::/10");
    constexpr std::array<std::string_view, 5> ranges{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"};
    return std::ranges::any_of(ranges, [&](auto range) { return in(address, range); });
}

bool behind_nat(Nat nat, Address const& contact, Address const& source) {
    if (nat == Nat::off) return false;
    return !same_ip(contact, source) && (nat == Nat::on || (private_address(contact) && !private_address(source)));
}

}  // namespace boni::sip
