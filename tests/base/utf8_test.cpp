#include <doctest/doctest.h>

#include "base/utf8.hpp"

using namespace boni;

TEST_CASE("characters are counted, not bytes") { CHECK(characters("नमस्ते €😀a") == 10); }

TEST_CASE("what is UTF-8 stays, every other byte and NUL is replaced") {
    struct Row { std::string_view in, out; };
    Row const rows[] = {
        {"", ""},
        {"plain\r\n\x01", "plain\r\n\x01"},
        {"नमस्ते €😀", "नमस्ते €😀"},
        {"caf\xE9", "caf\xEF\xBF\xBD"},
        {"\xE9t\xE9", "\xEF\xBF\xBDt\xEF\xBF\xBD"},
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                       // overlong
        {"\xE0\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},       // a surrogate
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD"},                       // cut off
        {std::string_view{"a\0b", 3}, "a\xEF\xBF\xBD" "b"},
    };
    for (auto const& row : rows) {
        CAPTURE(std::string{row.in});
        CHECK(as_utf8(row.in) == row.out);
        CHECK(is_utf8(as_utf8(row.in)));
        CHECK(is_utf8(row.in) == (row.in.find('\0') != std::string_view::npos || row.in == row.out));
    }
}

TEST_CASE("a limit does not cut a character in two") {
    CHECK(as_utf8("a€b", 3) == "a");
    CHECK(as_utf8("a€b", 4) == "a€");
    CHECK(as_utf8("\xE9", 2).empty());
    CHECK(as_utf8("abc", 2) == "ab");
}
