#include "egress/url.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "egress/host.hpp"
#include "egress/sip_uri.hpp"

namespace boni::egress {
namespace {

/// Ports where something else than HTTP listens and would make sense of a request's bytes.
constexpr auto blocked_ports = std::to_array<std::uint16_t>({
    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,   43,   53,   69,   77,   79,   87,
    95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,  119,  123,  135,  137,  139,  143,  161,  179,  389,  427,
    465,  512,  513,  514,  515,  526,  530,  531,  532,  540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080});
static_assert(std::ranges::is_sorted(blocked_ports));

bool blocked(std::uint16_t port) { return std::ranges::binary_search(blocked_ports, port); }

struct Scheme {
    std::string_view name;
    std::uint16_t port;
    bool tls;
};
constexpr Scheme schemes[] = {{"http", 80, false}, {"https", 443, true}, {"ws", 80, false}, {"wss", 443, true}};

std::optional<Url> parse_http(std::string_view text) {
    if (!plain_bytes(text) || text.find('#') != text.npos) return std::nullopt;
    auto const colon = text.find(':');
    if (colon == text.npos || text.substr(colon, 3) != "://" || text.substr(colon + 3, 1) == "/") return std::nullopt;
    Url out;
    out.scheme = lower(text.substr(0, colon));
    auto const* const scheme = std::ranges::find(schemes, std::string_view{out.scheme}, &Scheme::name);
    if (scheme == std::end(schemes)) return std::nullopt;

    text.remove_prefix(colon + 3);
    auto const end = std::min(text.find_first_of("/?"), text.size());
    auto authority = parse_authority(text.substr(0, end));   // '@' and '%' are in no form of a host
    if (!authority) return std::nullopt;
    out.host = std::move(authority->host);
    out.literal = authority->literal;
    out.tls = scheme->tls;
    out.port_given = authority->port.has_value();
    out.port = authority->port.value_or(scheme->port);
    if (blocked(out.port)) return std::nullopt;
    out.target = text.substr(end);
    if (!out.target.starts_with('/')) out.target.insert(0, "/");
    return out;
}

bool fits(Url const& url, Use use) {
    switch (use) {
        case Use::https: return url.scheme == "https" || (url.loopback && url.scheme == "http");
        case Use::http: return url.scheme == "https" || url.scheme == "http";
        case Use::wss: return url.scheme == "wss" || (url.loopback && url.scheme == "ws");
        case Use::sip: return url.scheme == "sip" || url.scheme == "sips";
    }
    return false;
}

std::unexpected<Error> refuse(Use use, std::string field) {
    count_refusal("parse", use);
    return std::unexpected(unsafe_url(use, std::move(field)));
}

}  // namespace

Result<Url> check_url(std::string_view text, Policy const& policy, Use use, std::string field) {
    auto url = use == Use::sip ? parse_sip_uri(text) : parse_http(text);
    if (!url) return refuse(use, std::move(field));
    if (url->literal) url->literal->port = url->port;
    auto const loopback = url->host == "localhost" || (url->literal && url->literal->loopback());
    if (loopback && (!policy.allow_loopback || own_port(url->port, policy))) return refuse(use, std::move(field));
    url->loopback = loopback;
    if (!fits(*url, use)) return refuse(use, std::move(field));
    if (url->literal && !allowed(*url->literal, policy, *url)) return refuse(use, std::move(field));
    return *std::move(url);
}

std::string Url::authority() const {
    auto const six = literal && literal->family == AF_INET6;
    auto out = six ? '[' + host + ']' : host;
    auto const* const known = std::ranges::find(schemes, std::string_view{scheme}, &Scheme::name);
    auto const usual = known == std::end(schemes) ? std::uint16_t(tls ? 5061 : 5060) : known->port;
    if (port != usual) out += ':' + std::to_string(port);
    return out;
}

}  // namespace boni::egress
