// The words of SIP (RFC 3261 7.3.1, 25.1): compared without case, as base/ascii.hpp has it. Thread: any; pure functions.
#pragma once

#include "base/ascii.hpp"

namespace boni::sip {

constexpr bool starts_with_word(std::string_view text, std::string_view word) { return same_word(text.substr(0, word.size()), word); }

/// In quotes, as a display name or a parameter is; control characters are dropped (RFC 3261 25.1).
inline std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (auto const c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) continue;
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace boni::sip
