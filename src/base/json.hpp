// JSON as the product reads and writes it: boost::json values behind a strict reader. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.hpp"

namespace boni::json {

using boost::json::array;
using boost::json::object;
using boost::json::string;
using boost::json::value;

constexpr std::size_t depth_max = 32;

/// One value, whole text, RFC 8259 with no mercy: depth <= depth_max; duplicate keys, invalid UTF-8, lone
/// surrogates, U+0000 in a string and trailing text are Errc::malformed with token "invalid_json".
Result<value> parse(std::string_view text);

/// A member of an object, or of one in it.
struct Place {
    std::string_view outer;              ///< the member that is the object it is in; empty: it is in the whole
    std::string_view name;
};
/// Of an object's text the strings at these places, in their order. As strict as `parse`, but nothing else is built, however much there is of it:
/// what is not asked for may be there twice.
Result<std::vector<std::optional<std::string>>> pick(std::string_view text, std::span<Place const> places);

/// No white space, members in their order, numbers as people write them: 60 and 0.65, never 6E1, and exactly.
std::string serialize(value const& document);
std::string serialize(object const& document);
std::string serialize(array const& document);

/// The same with sorted keys: equal documents give equal bytes (idempotency fingerprints).
std::string canonical(value const& document);

/// Members by name; nullptr or nullopt when absent or of another type.
value const* find(object const& in, std::string_view name);
std::optional<std::string_view> text(object const& in, std::string_view name);
std::string text_or_empty(object const& in, std::string_view name);            ///< empty when absent or of another type
std::optional<std::int64_t> integer(object const& in, std::string_view name);  ///< 20.0 counts as 20
std::optional<bool> boolean(object const& in, std::string_view name);
object const* object_at(object const& in, std::string_view name);
array const* array_at(object const& in, std::string_view name);

/// Takes over the members of `from`, each in place of its own of that name.
void merge(object& into, object const& from);

}  // namespace boni::json
