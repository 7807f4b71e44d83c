// The words of SIP (RFC 3261 7.3.1, 25.1): compared without case, as base/ascii.hpp has it. Thread: any; pure functions.
#pragma once

#include "base/ascii.hpp"

namespace boni::sip {

constexpr bool starts_with_word(std::string_view text, std::string_view word) { return same_word(text.substr(0, word.size()), word); }

}  // namespace boni::sip
