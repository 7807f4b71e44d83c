// Numbers written as text: the whole text or nothing. No locale, no white space, no '+'. Pure. Thread: any.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>

namespace boni {

/// None when the text has anything else, says more than a T can hold, or is the word of a number that is none: "inf", "nan".
template <class T>
std::optional<T> number_of(std::string_view text) {
    T value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if constexpr (std::floating_point<T>)
        if (!std::isfinite(value)) return std::nullopt;
    return value;
}

}  // namespace boni
