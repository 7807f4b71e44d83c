// Header values that name somebody: name-addr and addr-spec with their parameters (RFC 3261 20.10, 25.1). Pure. Thread: any.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace boni::sip {

/// Views into the value it was read from.
struct NameAddr {
    std::string display_name;      ///< without quotes and escapes
    std::string_view uri;          ///< without brackets; empty when the name never ends
    std::string_view params;       ///< the header's own, from their first ';'
};
NameAddr name_addr(std::string_view value);

/// Values of a comma list, at most so many; commas inside quotes and brackets belong to a value.
std::vector<std::string_view> values_of(std::string_view list, std::size_t at_most);

/// A parameter by name, any case: its value without quotes; empty when it is absent or has none. `params`: ";a=1;b=\"x\"".
std::string param_of(std::string_view params, std::string_view name);

}  // namespace boni::sip
