#include <doctest/doctest.h>

#include "http/byte_range.hpp"

using namespace boni;

TEST_CASE("one range of a body: first and last, open, the end; what is no range is the whole") {
    struct Row { char const* header; char const* says; };
    for (auto const& [header, says] :
         {Row{"bytes=0-9", "0+10"}, Row{"bytes=90-", "90+10"}, Row{"bytes=-10", "90+10"}, Row{"bytes=-1000", "0+100"}, Row{"bytes=50-5000", "50+50"},
          Row{"Bytes=99-99", "99+1"}, Row{"bytes=0-99999999999999999999999", "0+100"}, Row{"bytes=100-", "416"}, Row{"bytes=100-200", "416"}, Row{"bytes=-0", "416"},
          Row{"bytes=99999999999999999999999-", "416"}, Row{"bytes=9-3", "whole"}, Row{"bytes=", "whole"}, Row{"bytes=-", "whole"}, Row{"bytes=a-b", "whole"},
          Row{"bytes=0-1,5-6", "whole"}, Row{"seconds=0-1", "whole"}, Row{"bytes 0-1", "whole"}, Row{"bytes=+1-2", "whole"}}) {
        CAPTURE(header);
        http::Request request{.method = "GET", .headers = {{"Range", header}}};
        auto const range = http::byte_range(request, 100);
        auto const part = std::to_string(range.first) + "+" + std::to_string(range.count);
        CHECK((range.kind == http::ByteRange::Kind::part ? part : range.kind == http::ByteRange::Kind::whole ? "whole" : "416") == says);
        if (range.kind == http::ByteRange::Kind::whole) CHECK(range.count == 100);
    }
}

TEST_CASE("a range counts for GET alone, once, and not with If-Range") {
    auto const kind = [](http::Request const& request) { return http::byte_range(request, 100).kind; };
    CHECK(kind({.method = "HEAD", .headers = {{"Range", "bytes=0-1"}}}) == http::ByteRange::Kind::whole);
    CHECK(kind({.method = "GET", .headers = {{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}}}) == http::ByteRange::Kind::whole);
    CHECK(kind({.method = "GET", .headers = {{"Range", "bytes=0-1"}, {"If-Range", "\"x\""}}}) == http::ByteRange::Kind::whole);
    http::Request const request{.method = "GET", .headers = {{"Range", "bytes=-5"}}};
    CHECK(http::byte_range(request, 0).kind == http::ByteRange::Kind::unsatisfiable);
}
