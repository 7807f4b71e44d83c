#include "http/headers.hpp"

#include <algorithm>

namespace boni::http {

namespace {

/// ASCII only, whatever the locale says.
char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? char(byte - 'A' + 'a') : byte; }

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char left, char right) { return lower(left) == lower(right); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
    for (auto const& [known, value] : fields_)
        if (same_name(known, name)) return value;
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    return std::size_t(std::ranges::count_if(fields_, [name](auto const& field) { return same_name(field.first, name); }));
}

void Headers::set(std::string_view name, std::string value) {
    erase(name);
    add(std::string{name}, std::move(value));
}

void Headers::erase(std::string_view name) {
    std::erase_if(fields_, [name](auto const& field) { return same_name(field.first, name); });
}

}  // namespace boni::http
