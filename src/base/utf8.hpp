// UTF-8 at the edges: what a peer wrote need not be any, what we write always is (RFC 3629). Pure. Thread: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace boni {

bool is_utf8(std::string_view text);

/// How many characters UTF-8 has.
std::size_t characters(std::string_view utf8);

/// At most `bytes_max` of the text, whole characters only. Each byte that is no UTF-8 becomes U+FFFD, and so does NUL, which JSON text of
/// ours never has.
std::string as_utf8(std::string_view text, std::size_t bytes_max = std::string_view::npos);

}  // namespace boni
