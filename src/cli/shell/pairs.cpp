#include "cli/shell/pairs.hpp"

#include <charconv>

#include <fmt/format.h>

namespace boni::cli {

Result<json::object> pairs_of(std::vector<std::string> const& texts) {
    json::object out;
    for (auto const& text : texts) {
        auto const equals = text.find('=');
        auto const value = equals == std::string::npos ? std::string{} : text.substr(equals + 1);
        std::int64_t number = 0;
        auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        auto const whole = !value.empty() && error == std::errc{} && end == value.data() + value.size();
        if (equals == 0 || (!whole && value != "true" && value != "false"))
            return fail(Errc::invalid, fmt::format("'{}' must be name=true, name=false or name=NUMBER", text));
        if (whole) out[text.substr(0, equals)] = number;
        else out[text.substr(0, equals)] = value == "true";
    }
    return out;
}

}  // namespace boni::cli
