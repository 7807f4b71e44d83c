// Numbers written as text: the whole text or nothing. No locale, no white space, no '+'. Pure. Thread: any.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace boni {

/// None when the text has anything else, or says more than a T can hold.
template <class T>
std::optional<T> number_of(std::string_view text) {
    T value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace boni
