#include "egress/policy.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/metrics.hpp"
#include "egress/address_table.hpp"
#include "egress/url.hpp"

namespace boni::egress {
namespace {

struct Sentences {
    std::string_view summary;
    std::string_view detail;
};

/// One text for each kind of field, whatever was wrong: an answer that told more would be a port scanner for others (egress.md 6).
Sentences sentences_of(Use use) {
    switch (use) {
        case Use::https:
            return {"The URL must be a public https address.",
                    "URL must be a public https destination: no private, reserved or internal host, no credentials, no fragment."};
        case Use::http:
            return {"The URL must be a public http or https address.",
                    "URL must be a public http or https destination: no private, reserved or internal host, no credentials, no fragment."};
        case Use::wss:
            return {"The URL must be a public wss address.",
                    "URL must be a public wss destination: no private, reserved or internal host, no credentials, no fragment."};
        case Use::sip: break;
    }
    return {"The SIP URI must be a public sip or sips address.",
            "SIP URI must be a public sip or sips destination: no private, reserved or internal host, no password, no headers."};
}

}  // namespace

Error unsafe_url(Use use, std::string field) {
    auto const [summary, detail] = sentences_of(use);
    return {Errc::invalid, std::string{summary} + '\n' + std::string{detail}, std::move(field), "unsafe_url", "egress_blocked"};
}

bool allowed(Address const& address, Policy const& policy) { return public_address(address, policy.nat64_prefix); }

bool allowed(Address const& address, Policy const& policy, Url const& url) {
    if (!url.loopback) return allowed(address, policy);
    return policy.allow_loopback && address.loopback() && !own_port(address.port, policy);
}

bool own_port(std::uint16_t port, Policy const& policy) { return std::ranges::find(policy.own_ports, port) != policy.own_ports.end(); }

bool is_own(Address const& address, Policy const& policy) {
    auto const same = [&](Address const& own) { return same_ip(own, address); };
    return std::ranges::any_of(policy.own_addresses, same) || std::ranges::any_of(local_addresses(), same);
}

std::function<bool(Address const&)> vet_of(Policy policy) {
    return [policy = std::move(policy)](Address const& address) {
        if (address.loopback()) return policy.allow_loopback && !own_port(address.port, policy);
        auto const good = allowed(address, policy) && !is_own(address, policy);
        if (!good) count_refusal("connect", Use::sip);
        return good;
    };
}

void count_refusal(std::string_view stage, Use use) {
    static constexpr std::array stages{"parse", "resolve", "connect", "redirect"};
    static auto const counters = [] {   // looked up once: refusals must not be a way to make us slow
        std::map<std::pair<std::string_view, Use>, prometheus::Counter*> table;
        for (std::string_view const known : stages)
            for (auto const& [type, word] : names_of<Use>)
                table[{known, type}] = &metrics::counter("boni_egress_refused_total", "Destinations refused, by the stage that refused",
                                                         {{"stage", std::string{known}}, {"type", std::string{word}}});
        return table;
    }();
    if (auto const found = counters.find({stage, use}); found != counters.end()) found->second->Increment();
}

}  // namespace boni::egress
