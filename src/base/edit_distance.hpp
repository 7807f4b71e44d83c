// How far one word is from another (Levenshtein), for "did you mean". Pure. Thread: any.
#pragma once

#include <cstddef>
#include <string_view>

namespace boni {

/// Letters to insert, drop or replace. Of `typed`, which may be anything, no more than 64 letters count.
std::size_t edit_distance(std::string_view typed, std::string_view word);

}  // namespace boni
