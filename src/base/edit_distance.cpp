#include "base/edit_distance.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace boni {

std::size_t edit_distance(std::string_view typed, std::string_view word) {
    constexpr std::size_t letters_max = 64;   // no word of ours is longer
    typed = typed.substr(0, letters_max);
    std::vector<std::size_t> row(word.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < typed.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < word.size(); ++j)
            diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, diagonal + (typed[i] == word[j] ? 0 : 1)}));
    }
    return row.back();
}

}  // namespace boni
