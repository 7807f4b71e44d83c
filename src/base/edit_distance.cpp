#include "base/edit_distance.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

std::string nearest(std::string_view word, std::vector<std::string> const& known) {
    if (known.empty()) return {};
    return *std::ranges::min_element(known, {}, [&](std::string const& one) { return edit_distance(word, one); });
}

std::string meant(std::string_view word, std::vector<std::string> const& known) {
    auto const likely = nearest(word, known);
    auto const wrong_letters = edit_distance(word, likely);
    if (wrong_letters < word.size() && wrong_letters <= std::max<std::size_t>(2, word.size() / 3)) return fmt::format("did you mean '{}'?", likely);
    return fmt::format("there are {}", fmt::join(known, ", "));
}

}  // namespace boni
