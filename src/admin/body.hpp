// What an operator's request says, read member by member; errors are Errc::malformed (400) and name the field. Pure. Thread: any.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::admin {

std::unexpected<Error> wrong(std::string_view name, std::string_view expectation);

/// No field but these: a typing mistake in "limits" must not pass for success.
Result<> only(json::object const& body, std::initializer_list<std::string_view> known);
Result<std::optional<std::string>> text_of(json::object const& body, std::string_view name, std::size_t bytes_max = 256);
Result<std::optional<bool>> flag_of(json::object const& body, std::string_view name);
Result<std::vector<std::string>> texts_of(json::object const& body, std::string_view name);
/// A member that is there must be of this enum.
template <class E>
Result<std::optional<E>> word_of(json::object const& body, std::string_view name) {
    TRY(auto const text, text_of(body, name));
    if (!text) return std::nullopt;
    auto const value = from_name<E>(*text);
    if (value) return value;
    std::string all;
    for (auto const& [one, word] : names_of<E>) all += (all.empty() ? "" : ", ") + std::string{word};
    return wrong(name, "must be one of " + all);
}

}  // namespace boni::admin
