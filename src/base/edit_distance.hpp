// How far one word is from another (Levenshtein), for "did you mean". Pure. Thread: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace boni {

/// Letters to insert, drop or replace. Of `typed`, which may be anything, no more than 64 letters count.
std::size_t edit_distance(std::string_view typed, std::string_view word);

/// The word of `known` that needs the fewest letters changed (Levenshtein); empty without any.
std::string nearest(std::string_view word, std::vector<std::string> const& known);
/// "did you mean 'outbound'?" where few letters are wrong, else "there are outbound, recording, ...".
std::string meant(std::string_view word, std::vector<std::string> const& known);
/// Of a table's rows, for `meant`.
template <class Table>
std::vector<std::string> names_in(Table const& table) {
    std::vector<std::string> out;
    for (auto const& one : table) out.emplace_back(one.name);
    return out;
}

}  // namespace boni
