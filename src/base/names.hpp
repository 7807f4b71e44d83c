// Enumerators and the words the API, the database and the logs use for them: one table per enum. Thread: any.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace boni {

/// Specialise as `template <> inline constexpr auto names_of<E> = names<E>({{E::a, "a"}, ...});`
template <class E>
inline constexpr auto names_of = nullptr;

template <class E, std::size_t N>
consteval std::array<std::pair<E, std::string_view>, N> names(std::pair<E, std::string_view> const (&table)[N]) {
    return std::to_array(table);
}

template <class E>
    requires requires { names_of<E>.size(); }
constexpr std::string_view name(E value) {
    for (auto const& [known, text] : names_of<E>)
        if (known == value) return text;
    return "?";
}

template <class E>
constexpr std::optional<E> from_name(std::string_view text) {
    for (auto const& [value, known] : names_of<E>)
        if (known == text) return value;
    return std::nullopt;
}

}  // namespace boni
