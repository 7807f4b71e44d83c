#include "admin/body.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace boni::admin {

std::unexpected<Error> wrong(std::string_view name, std::string_view expectation) {
    return fail(Errc::malformed, std::string{name} + " " + std::string{expectation}, std::string{name}, "validation_failed");
}

Result<> only(json::object const& body, std::initializer_list<std::string_view> known) {
    for (auto const& member : body) {
        std::string_view const key = member.key();
        if (std::ranges::find(known, key) != known.end()) continue;
        std::string all;
        for (auto const one : known) all += (all.empty() ? "" : ", ") + std::string{one};
        return wrong(as_utf8(key, 64), "is not a field here; there are " + (all.empty() ? "none" : all));
    }
    return {};
}

Result<std::optional<std::string>> text_of(json::object const& body, std::string_view name, std::size_t bytes_max) {
    auto const* const value = json::find(body, name);
    if (!value) return std::nullopt;
    if (!value->is_string()) return wrong(name, "must be a text");
    std::string text{value->as_string()};
    if (text.size() > bytes_max || std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
        return wrong(name, "must be at most " + std::to_string(bytes_max) + " bytes without control characters");
    return text;
}

Result<std::optional<bool>> flag_of(json::object const& body, std::string_view name) {
    auto const* const value = json::find(body, name);
    if (!value) return std::nullopt;
    if (!value->is_bool()) return wrong(name, "must be true or false");
    return value->as_bool();
}

Result<std::vector<std::string>> texts_of(json::object const& body, std::string_view name) {
    constexpr std::size_t texts_max = 100;   // prefixes, scopes: a handful
    std::vector<std::string> out;
    auto const* const value = json::find(body, name);
    if (!value) return out;
    if (!value->is_array() || value->as_array().size() > texts_max) return wrong(name, "must be a list of at most 100 texts");
    for (auto const& one : value->as_array()) {
        if (!one.is_string() || one.as_string().size() > 256) return wrong(name, "must hold texts of at most 256 bytes");
        out.emplace_back(one.as_string());
    }
    return out;
}

}  // namespace boni::admin
