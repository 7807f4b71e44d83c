#include "base/json.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include <boost/json/value_stack.hpp>

#include "base/json_strict.hpp"

namespace boni::json {
namespace {

using boost::system::error_code;
using strict::Text;

/// SAX events into boost::json's own value stack.
struct Building : strict::Handler {
    boost::json::value_stack stack;
    std::string partial;
    std::vector<std::set<std::string>> open_keys;     ///< keys seen, per open object; refused when one repeats

    bool whole(Text end, std::string& out, error_code& error) {
        out.assign(std::exchange(partial, {}));
        out.append(end.data(), end.size());
        return without_nul(out, error);
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
        return open_keys.back().insert(std::move(key)).second || refuse_twice(error);
    }
    bool on_string_part(Text part, std::size_t, error_code&) { return partial.append(part.data(), part.size()), true; }
    bool on_string(Text end, std::size_t, error_code& error) {
        std::string text;
        if (!whole(end, text, error)) return false;
        stack.push_string(text);
        return true;
    }
    bool on_int64(std::int64_t number, Text, error_code&) { return stack.push_int64(number), true; }
    bool on_uint64(std::uint64_t number, Text, error_code&) { return stack.push_uint64(number), true; }
    bool on_double(double number, Text, error_code& error) { return finite(number, error) && (stack.push_double(number), true); }
    bool on_bool(bool is, error_code&) { return stack.push_bool(is), true; }
    bool on_null(error_code&) { return stack.push_null(), true; }
};

}  // namespace

Result<value> parse(std::string_view text) {
    boost::json::basic_parser<Building> parser{strict::options()};
    CHECK_OK(strict::read(parser, text));
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
