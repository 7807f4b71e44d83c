// What the address of a destination may be (egress.md 3 and 8). Pure, except for the list of
// this machine's interfaces. Thread: any; plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/names.hpp"
#include "base/result.hpp"

namespace boni::egress {

/// Set by the operator, never through an API. Owner: App; filled before the first request.
struct Policy {
    bool allow_loopback = false;                     ///< `boni dev`: 127.0.0.0/8, [::1] and "localhost", http and ws included
    std::vector<std::uint16_t> own_ports;            ///< loopback targets on them are refused: Boni does not call itself
    std::vector<Address> own_addresses;              ///< the public address and the like; the interfaces' are always refused
    std::optional<Address> nat64_prefix;             ///< a /96: addresses below it are judged by the IPv4 inside; none: refused
    std::string ca_file;                             ///< PEM, trusted for TLS besides the system's store; empty: the system's alone
};

/// The scheme family of the field a destination stands in (egress.md, first table).
enum class Use { https, http, wss, sip };

struct Url;

/// Errc::invalid, token `unsafe_url`, detail `egress_blocked`, one text for each use whatever was wrong; `field` is where the string stood.
Error unsafe_url(Use use, std::string field = {});

/// Stage 2, one address that a name resolved to: the table alone. Loopback is never allowed here (egress.md 8).
bool allowed(Address const& address, Policy const& policy);
/// The same for an address of `url`: loopback is allowed where the URL says loopback, except on our own ports.
bool allowed(Address const& address, Policy const& policy, Url const& url);

/// Is it a port we listen on? Only loopback targets are compared by port.
bool own_port(std::uint16_t port, Policy const& policy);
/// Stage 3: is it this machine's, by an interface or by configuration? Ports are not compared; asks the kernel.
bool is_own(Address const& address, Policy const& policy);

/// Stages 2 and 3 for addresses that another folder resolved (sip::EndpointConfig::vet). With allow_loopback loopback passes too,
/// except on our own ports. Holds a copy of the policy. Thread: any, at once.
std::function<bool(Address const&)> vet_of(Policy policy);

/// boni_egress_refused_total{stage,type}; `stage` is parse, resolve, connect or redirect.
void count_refusal(std::string_view stage, Use use);

}  // namespace boni::egress

namespace boni {
template <>
inline constexpr auto names_of<egress::Use> = names<egress::Use>(
    {{egress::Use::https, "https"}, {egress::Use::http, "http"}, {egress::Use::wss, "wss"}, {egress::Use::sip, "sip"}});
}  // namespace boni
