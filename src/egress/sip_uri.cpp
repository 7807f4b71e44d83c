#include "egress/sip_uri.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "egress/host.hpp"

namespace boni::egress {
namespace {

bool alphanumeric(char byte) { return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

bool user_byte(char byte) { return alphanumeric(byte) || std::string_view{"-_.!~*'()&=+$,/%"}.find(byte) != std::string_view::npos; }

/// ";transport=tls;lr": each at most once. An escaped name would be another parameter to another parser, so '%' is refused.
bool read_parameters(std::string_view text, Url& out) {
    bool user = false, lr = false;
    while (!text.empty()) {
        text.remove_prefix(1);
        auto const end = std::min(text.find(';'), text.size());
        auto const one = lower(text.substr(0, end));
        text.remove_prefix(end);
        auto const equals = one.find('=');
        auto const name = one.substr(0, equals);
        auto const value = equals == one.npos ? std::string{} : one.substr(equals + 1);
        if (name == "transport" && out.transport.empty() && (value == "udp" || value == "tcp" || value == "tls")) {
            out.transport = value;
        } else if (name == "user" && !user && !value.empty() && std::ranges::all_of(value, alphanumeric)) {
            user = true;
        } else if (name == "lr" && !lr && equals == one.npos) {
            lr = true;
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<Url> parse_sip_uri(std::string_view text) {
    if (!plain_bytes(text) || text.find_first_of("?#") != text.npos) return std::nullopt;
    auto const colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    Url out;
    out.scheme = lower(text.substr(0, colon));
    if (out.scheme != "sip" && out.scheme != "sips") return std::nullopt;
    text.remove_prefix(colon + 1);

    if (auto const at = text.find('@'); at != text.npos) {
        out.user = text.substr(0, at);
        if (out.user.empty() || !std::ranges::all_of(out.user, user_byte)) return std::nullopt;
        text.remove_prefix(at + 1);
    }
    auto const semicolon = std::min(text.find(';'), text.size());
    auto authority = parse_authority(text.substr(0, semicolon));
    if (!authority || !read_parameters(text.substr(semicolon), out)) return std::nullopt;
    out.host = std::move(authority->host);
    out.literal = authority->literal;
    out.tls = out.scheme == "sips" || out.transport == "tls";
    out.port_given = authority->port.has_value();
    out.port = authority->port.value_or(out.tls ? 5061 : 5060);
    return out;
}

}  // namespace boni::egress
