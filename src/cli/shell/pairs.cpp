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
        auto const name = text.substr(0, equals);
        if (out.contains(name)) return fail(Errc::invalid, fmt::format("'{}' is there twice", name));
        if (number) out[name] = *number;
        else out[name] = value == "true";
    }
    return out;
}

}  // namespace boni::cli
