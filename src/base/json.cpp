#include "base/json.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

namespace boni::json {
namespace {

using boost::system::error_code;
using Text = boost::json::string_view;

constexpr std::size_t unlimited = std::size_t(-1);

/// SAX events into boost::json's own value stack; adds the refusals the library's parser does not know.
struct StrictHandler {
    static constexpr std::size_t max_object_size = unlimited;
    static constexpr std::size_t max_array_size = unlimited;
    static constexpr std::size_t max_key_size = unlimited;
    static constexpr std::size_t max_string_size = unlimited;

    boost::json::value_stack stack;
    std::string partial;
    std::vector<std::set<std::string>> open_keys;     ///< keys seen, per open object; refused when one repeats
    bool duplicate = false;
    bool nul = false;

    bool refuse(bool& why, error_code& error) {
        why = true;
        error = boost::json::make_error_code(boost::json::error::syntax);
        return false;
    }
    bool whole(Text end, std::string& out, error_code& error) {
        out.assign(std::exchange(partial, {}));
        out.append(end.data(), end.size());
        return out.find('\0') == std::string::npos || refuse(nul, error);
    }

    bool on_document_begin(error_code&) { return stack.reset(), true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return open_keys.emplace_back(), true; }
    bool on_object_end(std::size_t count, error_code&) { return open_keys.pop_back(), stack.push_object(count), true; }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t count, error_code&) { return stack.push_array(count), true; }
    bool on_key_part(Text part, std::size_t, error_code&) { return partial.append(part.data(), part.size()), true; }
    bool on_key(Text end, std::size_t, error_code& error) {
        std::string key;
        if (!whole(end, key, error)) return false;
        stack.push_key(key);
        return open_keys.back().insert(std::move(key)).second || refuse(duplicate, error);
    }
    bool on_string_part(Text part, std::size_t, error_code&) { return partial.append(part.data(), part.size()), true; }
    bool on_string(Text end, std::size_t, error_code& error) {
        std::string text;
        if (!whole(end, text, error)) return false;
        stack.push_string(text);
        return true;
    }
    bool on_number_part(Text, error_code&) { return true; }
    bool on_int64(std::int64_t number, Text, error_code&) { return stack.push_int64(number), true; }
    bool on_uint64(std::uint64_t number, Text, error_code&) { return stack.push_uint64(number), true; }
    bool on_double(double number, Text, error_code& error) {
        if (!std::isfinite(number)) return error = boost::json::make_error_code(boost::json::error::syntax), false;
        return stack.push_double(number), true;
    }
    bool on_bool(bool is, error_code&) { return stack.push_bool(is), true; }
    bool on_null(error_code&) { return stack.push_null(), true; }
    bool on_comment_part(Text, error_code&) { return true; }
    bool on_comment(Text, error_code&) { return true; }
};

std::unexpected<Error> invalid(std::string why) { return fail(Errc::malformed, std::move(why), {}, "invalid_json"); }

}  // namespace

Result<value> parse(std::string_view text) {
    boost::json::parse_options options;
    options.max_depth = depth_max;
    boost::json::basic_parser<StrictHandler> parser{options};
    error_code error;
    auto const used = parser.write_some(false, text.data(), text.size(), error);
    if (parser.handler().duplicate) return invalid("an object names the same key twice");
    if (parser.handler().nul) return invalid("a string contains U+0000");
    if (error == boost::json::error::too_deep) return invalid("nested deeper than 32 levels");
    if (error) return invalid("not valid JSON");
    if (text.find_first_not_of(" \t\r\n", used) != std::string_view::npos) return invalid("text after the JSON value");
    return parser.handler().stack.release();
}

value const* find(object const& in, std::string_view name) { return in.if_contains(name); }

std::optional<std::string_view> text(object const& in, std::string_view name) {
    auto const* found = in.if_contains(name);
    if (!found || !found->is_string()) return std::nullopt;
    return std::string_view{found->get_string()};
}

std::string text_or_empty(object const& in, std::string_view name) { return std::string{text(in, name).value_or("")}; }

std::optional<std::int64_t> integer(object const& in, std::string_view name) {
    auto const* found = in.if_contains(name);
    if (!found) return std::nullopt;
    constexpr double beyond = 9e18;   // what no field takes: the nearest end of the type says it as well
    if (found->is_int64()) return found->get_int64();
    if (found->is_uint64()) return std::numeric_limits<std::int64_t>::max();
    if (!found->is_double() || std::trunc(found->get_double()) != found->get_double()) return std::nullopt;
    auto const number = found->get_double();
    if (number >= beyond) return std::numeric_limits<std::int64_t>::max();
    return number <= -beyond ? std::numeric_limits<std::int64_t>::min() : std::int64_t(number);
}

std::optional<bool> boolean(object const& in, std::string_view name) {
    auto const* found = in.if_contains(name);
    if (!found || !found->is_bool()) return std::nullopt;
    return found->get_bool();
}

object const* object_at(object const& in, std::string_view name) {
    auto const* found = in.if_contains(name);
    return found ? found->if_object() : nullptr;
}

array const* array_at(object const& in, std::string_view name) {
    auto const* found = in.if_contains(name);
    return found ? found->if_array() : nullptr;
}

void merge(object& into, object const& from) {
    for (auto const& [name, member] : from) into[name] = member;
}

}  // namespace boni::json
