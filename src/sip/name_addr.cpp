#include "sip/name_addr.hpp"

#include <algorithm>

#include "sip/text.hpp"

namespace boni::sip {
namespace {

/// Past the closing quote of a text that starts with one; npos when there is none.
std::size_t quoted_end(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') ++i;
        else if (text[i] == '"') return i + 1;
    }
    return std::string_view::npos;
}

/// What stands between the quotes of `quoted`.
std::string unquoted(std::string_view quoted) {
    std::string out;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] == '\\' && i + 2 < quoted.size()) ++i;
        out += quoted[i];
    }
    return out;
}

/// Pieces between separators that stand outside of quotes and brackets.
std::vector<std::string_view> split(std::string_view text, char separator, std::size_t at_most) {
    std::vector<std::string_view> out;
    std::size_t start = 0;
    bool quoted = false, bracketed = false;
    for (std::size_t i = 0; i < text.size() && out.size() < at_most; ++i) {
        if (quoted && text[i] == '\\') ++i;
        else if (text[i] == '"') quoted = !quoted;
        else if (!quoted && text[i] == '<') bracketed = true;
        else if (!quoted && text[i] == '>') bracketed = false;
        else if (!quoted && !bracketed && text[i] == separator) {
            out.push_back(trim(text.substr(start, i - start)));
            start = i + 1;
        }
    }
    if (out.size() < at_most && !trim(text.substr(start)).empty()) out.push_back(trim(text.substr(start)));
    return out;
}

}  // namespace

NameAddr name_addr(std::string_view value) {
    value = trim(value);
    NameAddr out;
    if (value.starts_with('"')) {
        auto const end = quoted_end(value);
        if (end == std::string_view::npos) return out;
        out.display_name = unquoted(value.substr(0, end));
        value = trim(value.substr(end));
    }
    auto const open = value.find('<');
    if (open == std::string_view::npos) {   // parameters of the user come before the host, those behind it are the header's
        auto const at = value.find('@');
        auto const end = value.find(';', at == std::string_view::npos ? 0 : at);
        if (end != std::string_view::npos) out.params = value.substr(end);
        out.uri = value;
        return out;
    }
    if (out.display_name.empty()) out.display_name = trim(value.substr(0, open));
    auto const close = value.find('>', open);
    out.uri = trim(value.substr(open + 1, close == std::string_view::npos ? close : close - open - 1));
    if (close != std::string_view::npos) out.params = trim(value.substr(close + 1));
    return out;
}

std::vector<std::string_view> values_of(std::string_view list, std::size_t at_most) { return split(list, ',', at_most); }

std::string param_of(std::string_view params, std::string_view name) {
    constexpr std::size_t params_max = 32;   // a header with more is none we know
    for (auto const one : split(params, ';', params_max)) {
        auto const equals = std::min(one.find('='), one.size());
        if (!same_word(trim(one.substr(0, equals)), name)) continue;
        auto const value = trim(one.substr(std::min(equals + 1, one.size())));
        return value.starts_with('"') ? unquoted(value.substr(0, std::min(quoted_end(value), value.size()))) : std::string{value};
    }
    return {};
}

}  // namespace boni::sip
