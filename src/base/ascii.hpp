// Letters as protocols see them: ASCII alone has case, white space at the edges means nothing. No locale. Pure. Thread: any.
#pragma once

#include <string>
#include <string_view>

namespace boni {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

inline std::string lower(std::string_view text) {
    std::string out{text};
    for (auto& c : out) c = lower(c);
    return out;
}

/// Equal but for case: names of headers (RFC 9110 5.1), tokens of SIP (RFC 3261 7.3.1), names of codecs.
constexpr bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

constexpr bool all_digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }

/// Of one hexadecimal digit; -1: it is none.
constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    auto const letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Without spaces, tabs and line ends at both edges.
constexpr std::string_view trim(std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace boni
