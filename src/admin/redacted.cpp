#include "admin/redacted.hpp"

#include <algorithm>
#include <cctype>

namespace boni::admin {
namespace {

constexpr std::string_view shown_instead = "[redacted]";
constexpr std::string_view secret_names[] = {"secret", "password", "passwd", "passphrase", "token", "credential",
                                             "authorization", "apikey", "privatekey", "cookie"};
constexpr std::string_view key_beginnings[] = {"vp_live_", "vp_test_", "vp_oper_", "whsec_", "Bearer ", "Basic ", "-----BEGIN"};

/// "api_key", "apiKey" and "API-Key" are one name.
bool secret_name(std::string_view name) {
    std::string letters;
    for (unsigned char const c : name)
        if (std::isalnum(c)) letters += char(std::tolower(c));
    return std::ranges::any_of(secret_names, [&](std::string_view one) { return letters.find(one) != letters.npos; });
}

/// A password in a URI's user part (sip:alice:secret@host) is one too.
bool secret_text(std::string_view text) {
    auto const within = [text](std::string_view beginning) { return text.find(beginning) != text.npos; };
    if (std::ranges::any_of(key_beginnings, within)) return true;
    auto const scheme = text.find(':');
    auto const at = text.find('@');
    if (scheme == text.npos || at == text.npos) return false;
    auto const second = text.find(':', text.find_first_not_of('/', scheme + 1));
    return second < at;
}

json::value clean(json::value const& value) {
    if (auto const* const text = value.if_string()) return secret_text(*text) ? json::value(shown_instead) : value;
    if (auto const* const list = value.if_array()) {
        json::array out;
        for (auto const& one : *list) out.push_back(clean(one));
        return out;
    }
    auto const* const object = value.if_object();
    if (!object) return value;
    json::object out;
    for (auto const& member : *object) out[member.key()] = secret_name(member.key()) ? json::value(shown_instead) : clean(member.value());
    return out;
}

}  // namespace

json::object redacted(json::object const& body) {
    auto const whole = clean(body);
    json::object out;
    auto left = std::int64_t(logged_bytes_max) - 2;
    for (auto const& member : whole.as_object()) {
        auto const bytes = json::serialize(member.value()).size();
        auto const name = std::int64_t(member.key().size()) + 4;
        auto const fits = name + std::int64_t(bytes) <= left;
        json::value told = fits ? member.value() : json::value("[" + std::to_string(bytes) + " bytes]");
        left -= name + (fits ? std::int64_t(bytes) : std::int64_t(told.as_string().size()) + 2);
        if (left < 0) break;
        out[member.key()] = std::move(told);
    }
    return out;
}

}  // namespace boni::admin
