#include <doctest/doctest.h>

#include "base/ascii.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/wire.hpp"

using namespace boni;
using namespace boni::http;

namespace {

Request with_body(std::string body, Headers headers) {
    Request request;
    request.body = std::move(body);
    request.headers = std::move(headers);
    return request;
}

std::string token(auto const& result) { return result ? "ok" : result.error().token; }

Result<> target(std::string_view text) {
    Request request;
    return read_target(request, text);
}

}  // namespace

TEST_CASE("header names are compared without case and set replaces every one") {
    Headers headers{{"X-Key", "1"}, {"x-kEY", "2"}, {"Other", "3"}};
    CHECK(headers.get("x-key") == "1");
    CHECK(headers.count("X-KEY") == 2);
    headers.set("X-Key", "4");
    CHECK(headers.count("x-key") == 1);
    CHECK(headers.get("x-key") == "4");
    headers.erase("OTHER");
    CHECK(!headers.has("Other"));
    CHECK(!same_word("a", "ab"));
}

TEST_CASE("a target is a path and a decoded query") {
    Request request;
    REQUIRE(read_target(request, "/v1/calls/a%20b?from=%2B91+98&x&x=2&&y=a=b"));
    CHECK(request.path == "/v1/calls/a%20b");
    CHECK(request.query.get("from") == "+91 98");
    CHECK(request.query.count("x") == 2);
    CHECK(request.query.get("x") == "");
    CHECK(request.query.get("y") == "a=b");
    CHECK(!request.query.get("z"));
}

TEST_CASE("a target that is a whole URL is read as the path in it") {
    for (auto const* whole : {"http://x/v1/me?a=b", "HTTPS://boni.example:8443/v1/me?a=b"}) {
        Request request;
        REQUIRE(read_target(request, whole));
        CHECK(request.path == "/v1/me");
        CHECK(request.query.get("a") == "b");
    }
    Request request;
    REQUIRE(read_target(request, "http://x"));
    CHECK(request.path == "/");
}

TEST_CASE("targets of another form are refused") {
    for (auto const* bad : {"", "*", "http://x?y", "ftp://x/", "v1", "/a%", "/a%2", "/a%zz", "/a%00", "/?q=%00", "/?q=%", "/a#b", "/a b",
                            "/\x7f", "/%ff",
                            "/%c0%af", "/%ed%a0%80", "/?a=%f4%90%80%80", "/\xc3\xa4"}) {
        CAPTURE(bad);
        CHECK(token(target(bad)) == "malformed_request");
    }
    CHECK(target("/%c3%a4?%e2%82%ac=%f0%9f%98%80"));
    CHECK(target("/" + std::string(8191, 'a')));
    CHECK(token(target("/" + std::string(8192, 'a'))) == "malformed_request");
}

TEST_CASE("a plus is a space in queries only") {
    CHECK(percent_decoded("a+b", Plus::space) == "a b");
    CHECK(percent_decoded("a+b%2b", Plus::literal) == "a+b+");
}

TEST_CASE("a body is an object of application/json, no body is an empty one") {
    CHECK(with_body("", {}).json()->empty());
    auto const type = [](std::string value) { return token(with_body("{}", {{"Content-Type", std::move(value)}}).json()); };
    CHECK(type("application/json") == "ok");
    CHECK(type("Application/JSON; charset=UTF-8") == "ok");
    CHECK(type("application/json;charset=\"utf-8\"") == "ok");
    CHECK(type("application/json; charset=latin-1") == "unsupported_media_type");
    CHECK(type("text/json") == "unsupported_media_type");
    CHECK(type("application/jsonx") == "unsupported_media_type");
    CHECK(type("") == "unsupported_media_type");
    CHECK(token(with_body("{}", {}).json()) == "unsupported_media_type");
    CHECK(token(with_body("{}", {{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}).json()) == "unsupported_media_type");
    CHECK(token(with_body("", {{"Content-Encoding", "identity"}}).json()) == "unsupported_media_type");
    CHECK(token(with_body("{", {{"Content-Type", "application/json"}}).json()) == "invalid_json");
    CHECK(token(with_body("[]", {{"Content-Type", "application/json"}}).json()) == "validation_failed");
}

TEST_CASE("an answer on the wire has what every answer has") {
    Request request;
    request.id = "req_1";
    auto const now = from_unix_ms(784'111'777'000);
    CHECK(http_date(now) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(wire(ok({{"a", 1}}), request, now, After::keep) ==
          "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Request-Id: req_1\r\nContent-Type: application/json\r\n"
          "Cache-Control: no-store\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
    CHECK(!wire(Response{.status = 204}, request, now, After::keep).contains("Content-Length"));
    CHECK(wire(Response{.status = 202}, request, now, After::close).contains("Content-Length: 0\r\nConnection: close\r\n"));
    CHECK(!wire(Response{.status = 202}, request, now, After::keep).contains("Content-Type"));
    Response cached = text_response(200, "x");
    cached.headers.set("Cache-Control", "max-age=60");
    cached.headers.set("Content-Length", "7");
    auto const bytes = wire(cached, request, now, After::keep_1_0);
    CHECK(bytes.contains("Cache-Control: max-age=60\r\n"));
    CHECK(!bytes.contains("no-store"));
    CHECK(!bytes.contains("Content-Length: 7"));
    CHECK(bytes.contains("Connection: keep-alive\r\n"));
    request.method = "HEAD";
    CHECK(wire(cached, request, now, After::keep).ends_with("Content-Length: 1\r\n\r\n"));
}

TEST_CASE("a line break in a header's value does not begin another header") {
    Response response{.status = 202};
    response.headers.set("Link", "a\r\nSet-Cookie: b\x01");
    CHECK(wire(response, {}, {}, After::keep).contains("Link: a  Set-Cookie: b \r\n"));
}

TEST_CASE("statuses have their names") {
    CHECK(reason_of(200) == "OK");
    CHECK(reason_of(431) == "Request Header Fields Too Large");
    CHECK(reason_of(799) == "Status");
    CHECK(reason_of(0) == "Status");
}
