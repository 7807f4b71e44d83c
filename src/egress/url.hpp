// What a customer may name as a destination (egress.md 2). Pure. Thread: any; plain values.
#pragma once

#include "egress/policy.hpp"

namespace boni::egress {

/// A destination that passed the grammar. What goes on the wire is made from these parts, never from the original string.
struct Url {
    std::string scheme;                              ///< lower case: http, https, ws, wss, sip, sips
    std::string host;                                ///< lower case, no brackets, no trailing dot
    std::uint16_t port = 0;                          ///< the scheme's default when absent
    bool port_given = false;
    bool tls = false;                                ///< https, wss, sips and sip with transport=tls
    bool loopback = false;                           ///< a loopback literal or "localhost", and the policy lets it pass
    std::string target;                              ///< path and query, at least "/"; empty for SIP
    std::string user;                                ///< SIP only, as written
    std::string transport;                           ///< SIP only: udp, tcp, tls or empty
    std::optional<Address> literal;                  ///< the host when it is an address, with `port`

    std::string authority() const;                   ///< "example.com:8443", "[2606:4700::1]"; the port unless it is the default
};

/// Stage 1: the string alone, its literal addresses judged by the table. The error is `unsafe_url` of policy.hpp.
Result<Url> check_url(std::string_view text, Policy const& policy, Use use, std::string field = {});

}  // namespace boni::egress
