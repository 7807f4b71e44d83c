// The ASCII rules SIP has for its text (RFC 3261 7.3.1, 25.1): words compare without case, white space at the edges means
// nothing. No locale. Thread: any; pure functions.
#pragma once

#include <string>
#include <string_view>

namespace boni::sip {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

inline std::string lower(std::string_view text) {
    std::string out{text};
    for (auto& c : out) c = lower(c);
    return out;
}

constexpr bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

constexpr bool starts_with_word(std::string_view text, std::string_view word) { return same_word(text.substr(0, word.size()), word); }

constexpr std::string_view trim(std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace boni::sip
