// The strict reader behind `parse` and `pick`: what it refuses beyond boost::json's own parser. Only for base/json*.cpp. Thread: any.
#pragma once

#include <cmath>
#include <string_view>

#include <boost/json/basic_parser_impl.hpp>

#include "base/json.hpp"

namespace boni::json::strict {

using boost::system::error_code;
using Text = boost::json::string_view;

/// What our handlers of boost::json's events have in common.
struct Handler {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    std::string_view refused;            ///< why, when it was not the parser who did

    bool refuse(std::string_view why, error_code& error) {
        refused = why;
        error = boost::json::make_error_code(boost::json::error::syntax);
        return false;
    }
    bool refuse_twice(error_code& error) { return refuse("an object names the same key twice", error); }
    bool without_nul(std::string_view text, error_code& error) {
        return text.find('\0') == std::string_view::npos || refuse("a string contains U+0000", error);
    }
    bool finite(double number, error_code& error) { return std::isfinite(number) || refuse("not valid JSON", error); }
    bool on_number_part(Text, error_code&) { return true; }
    bool on_comment_part(Text, error_code&) { return true; }
    bool on_comment(Text, error_code&) { return true; }
};

/// The whole text, which is one value.
template <class Handler>
Result<> read(boost::json::basic_parser<Handler>& parser, std::string_view text) {
    auto const invalid = [](std::string_view why) { return fail(Errc::malformed, std::string{why}, {}, "invalid_json"); };
    error_code error;
    auto const used = parser.write_some(false, text.data(), text.size(), error);
    if (!parser.handler().refused.empty()) return invalid(parser.handler().refused);
    if (error == boost::json::error::too_deep) return invalid("nested deeper than 32 levels");
    if (error) return invalid("not valid JSON");
    if (text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) return invalid("text after the JSON value");
    return {};
}

inline boost::json::parse_options options() {
    boost::json::parse_options out;
    out.max_depth = depth_max;
    return out;
}

}  // namespace boni::json::strict
