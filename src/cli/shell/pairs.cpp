#include "cli/shell/pairs.hpp"

#include <fmt/format.h>

#include "base/number.hpp"

namespace boni::cli {

Result<json::object> pairs_of(std::vector<std::string> const& texts) {
    json::object out;
    for (auto const& text : texts) {
        auto const equals = text.find('=');
        auto const value = equals == std::string::npos ? std::string{} : text.substr(equals + 1);
        auto const number = number_of<std::int64_t>(value);
        if (equals == 0 || (!number && value != "true" && value != "false"))
            return fail(Errc::invalid, fmt::format("'{}' must be name=true, name=false or name=NUMBER", text));
        if (number) out[text.substr(0, equals)] = *number;
        else out[text.substr(0, equals)] = value == "true";
    }
    return out;
}

}  // namespace boni::cli
