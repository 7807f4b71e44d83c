#include "http/headers.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace boni::http {

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (auto const& [known, value] : fields_)
        if (same_word(known, name)) return value;
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    return std::size_t(std::ranges::count_if(fields_, [name](auto const& field) { return same_word(field.first, name); }));
}

void Headers::set(std::string_view name, std::string value) {
    erase(name);
    add(std::string{name}, std::move(value));
}

void Headers::erase(std::string_view name) {
    std::erase_if(fields_, [name](auto const& field) { return same_word(field.first, name); });
}

}  // namespace boni::http
