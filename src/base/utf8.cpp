#include "base/utf8.hpp"

#include <algorithm>

namespace boni {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Bytes of the character at the front; 0 when it is none. Overlong forms, surrogates and what is beyond U+10FFFF are none.
std::size_t character(std::string_view text) {
    auto const byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    auto const first = byte(0);
    if (first < 0x80) return 1;
    auto const size = first >= 0xF0 ? 4uz : first >= 0xE0 ? 3uz : 2uz;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    for (std::size_t at = 1; at < size; ++at)
        if ((byte(at) & 0xC0) != 0x80) return 0;
    auto const second = byte(1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
        return 0;
    return size;
}

}  // namespace

std::size_t characters(std::string_view utf8) {
    return std::size_t(std::ranges::count_if(utf8, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        auto const size = character(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::string as_utf8(std::string_view text, std::size_t bytes_max) {
    std::string out;
    while (!text.empty()) {
        auto const size = character(text);
        auto const kept = size > 0 && text.front() != '\0' ? text.substr(0, size) : replacement;
        if (out.size() + kept.size() > bytes_max) break;
        out += kept;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

}  // namespace boni
