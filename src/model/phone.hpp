// Phone numbers as customers write them in requests (api-semantics 4). Form only; pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace boni::model {

/// E.164 of `+` and 7-15 digits, or of an Indian number as `91` + 10, `0` + 10 or 10 digits; nothing for anything else.
std::optional<std::string> phone_number(std::string_view text);

}  // namespace boni::model
