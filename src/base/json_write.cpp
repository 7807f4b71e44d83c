// JSON as text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <vector>

#include "base/json.hpp"

namespace boni::json {
namespace {

enum class Order { given, sorted };
template <Order order>
void write(value const& document, std::string& out);

/// RFC 8259 7: what must be escaped, and nothing else.
void write(std::string_view text, std::string& out) {
    constexpr std::string_view letters = "btn\0fr";   // of U+0008 to U+000D; U+000B has none
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    out += '"';
    for (auto from = text.begin();;) {
        auto const special = std::find_if(from, text.end(), [](unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; });
        out.append(from, special);
        if (special == text.end()) break;
        auto const c = static_cast<unsigned char>(*special);
        out += '\\';
        if (c >= 0x20) {
            out += *special;
        } else if (c >= 0x08 && c <= 0x0d && c != 0x0b) {
            out += letters[c - 0x08];
        } else {
            out += "u00";
            out += hexadecimal[c >> 4];
            out += hexadecimal[c & 15];
        }
        from = special + 1;
    }
    out += '"';
}

void write_number(std::integral auto number, std::string& out) {
    char digits[24];                                  // the longest has 20
    out.append(digits, std::to_chars(digits, std::end(digits), number).ptr);
}

/// In full where JavaScript writes it so, and spreadsheets and people read it: from a millionth to below 10^21.
void write_number(double number, std::string& out) {
    constexpr double least = 1e-6, beyond = 1e21;
    char digits[32];                                  // the longest has 26: -0.00000 and 17 digits, with a sixth zero
    auto const size = std::abs(number);
    auto const full = number == 0 || (size >= least && size < beyond);
    out.append(digits, std::to_chars(digits, std::end(digits), number, full ? std::chars_format::fixed : std::chars_format::scientific).ptr);
}

template <Order order>
void write(object const& members, std::string& out) {
    auto const one = [&, first = true](boost::json::key_value_pair const& member) mutable {
        if (!std::exchange(first, false)) out += ',';
        write(member.key(), out);
        out += ':';
        write<order>(member.value(), out);
    };
    out += '{';
    if constexpr (order == Order::given) {
        std::ranges::for_each(members, one);
    } else {
        std::vector<boost::json::key_value_pair const*> sorted;
        sorted.reserve(members.size());
        for (auto const& member : members) sorted.push_back(&member);
        std::ranges::sort(sorted, {}, [](auto const* member) { return member->key(); });
        std::ranges::for_each(sorted, one, [](auto const* member) -> auto const& { return *member; });
    }
    out += '}';
}

template <Order order>
void write(array const& items, std::string& out) {
    out += '[';
    for (auto const& item : items) {
        if (&item != items.data()) out += ',';
        write<order>(item, out);
    }
    out += ']';
}

template <Order order>
void write(value const& document, std::string& out) {
    using boost::json::kind;
    switch (document.kind()) {
        case kind::object: return write<order>(document.get_object(), out);
        case kind::array: return write<order>(document.get_array(), out);
        case kind::string: return write(document.get_string(), out);
        case kind::int64: return write_number(document.get_int64(), out);
        case kind::uint64: return write_number(document.get_uint64(), out);
        case kind::double_: return write_number(document.get_double(), out);
        case kind::bool_: return void(out += document.get_bool() ? "true" : "false");
        case kind::null: return void(out += "null");
    }
}

template <Order order>
std::string text_of(auto const& document) {
    std::string out;
    write<order>(document, out);
    return out;
}

}  // namespace

std::string serialize(value const& document) { return text_of<Order::given>(document); }
std::string serialize(object const& document) { return text_of<Order::given>(document); }
std::string serialize(array const& document) { return text_of<Order::given>(document); }
std::string canonical(value const& document) { return text_of<Order::sorted>(document); }

}  // namespace boni::json
