#include "http/byte_range.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/number.hpp"

namespace boni::http {
namespace {

/// Digits only; a number too large to hold is larger than any file.
std::optional<std::uint64_t> number(std::string_view text) {
    if (!all_digits(text)) return std::nullopt;
    return number_of<std::uint64_t>(text).value_or(UINT64_MAX);
}

}  // namespace

ByteRange byte_range(Request const& request, std::uint64_t size) {
    ByteRange const whole{.count = size};
    auto const header = request.headers.get("Range");
    if (!header || request.method != "GET" || request.headers.count("Range") > 1 || request.headers.has("If-Range")) return whole;
    constexpr std::string_view unit = "bytes=";
    if (!same_word(header->substr(0, unit.size()), unit)) return whole;
    auto const wish = header->substr(unit.size());
    auto const dash = wish.find('-');
    if (dash == wish.npos) return whole;
    auto const first = number(wish.substr(0, dash));
    auto const last = number(wish.substr(dash + 1));
    ByteRange const none{.kind = ByteRange::Kind::unsatisfiable};
    if (dash == 0) {                                 // the last so many
        if (!last) return whole;
        if (*last == 0 || size == 0) return none;
        auto const count = std::min(*last, size);
        return {.kind = ByteRange::Kind::part, .first = size - count, .count = count};
    }
    auto const open = dash + 1 == wish.size();
    if (!first || (!last && !open) || (last && *last < *first)) return whole;
    if (*first >= size) return none;
    auto const end = open ? size - 1 : std::min(*last, size - 1);
    return {.kind = ByteRange::Kind::part, .first = *first, .count = end - *first + 1};
}

}  // namespace boni::http
