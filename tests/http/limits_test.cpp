// What the server refuses before a handler sees it (api-semantics 1, step 1), and how long it waits.
#include <doctest/doctest.h>

#include "support/running_server.hpp"

using namespace boni;
using namespace boni::test;
using http::Request;
using http::Response;

namespace {

Task<Response> count(Request& request) {
    co_return http::ok({{"headers", request.headers.size()}, {"body", request.body.size()}, {"path", request.path}});
}

std::string token(Answer const& answer) {
    auto const body = json::parse(answer.body);
    return body ? std::string{json::text(body->as_object(), "error").value_or("none")} : "no JSON";
}

std::string get(std::string const& headers) { return "GET / HTTP/1.1\r\n" + headers + "\r\n"; }

/// Refused with this, told so in JSON with an id, and the connection is over.
void refused(RunningServer& server, std::string const& bytes, int status, char const* error) {
    CAPTURE(bytes.substr(0, 200));
    RawHttp client{server.address};
    auto const answer = client.ask(bytes);
    CHECK(answer.status == status);
    CHECK(token(answer) == error);
    CHECK(answer.at("connection") == "close");
    CHECK(answer.at("x-request-id").starts_with("req_"));
    client.half_close();
    CHECK(client.closed());
}

}  // namespace

TEST_CASE("bytes that are not one clear HTTP/1.1 request are 400") {
    RunningServer server{count};
    for (auto const* bad : {
             "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
             "GET /\r\n\r\n",
             "\x16\x03\x01\x02hello this is TLS\r\n\r\n",
             "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET / HTTP/1.1\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\ty\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: user@a\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\na",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\na",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
         })
        refused(server, bad, 400, "malformed_request");
}

TEST_CASE("a body over 64 KiB is 413, one of 64 KiB is read") {
    RunningServer server{count};
    auto const post = [](std::size_t size) {
        return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
    };
    RawHttp client{server.address};
    CHECK(client.ask(post(64 * 1024)).body.contains("\"body\":65536"));
    refused(server, post(64 * 1024 + 1), 413, "payload_too_large");
    refused(server, post(600'000), 413, "payload_too_large");
    std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int chunk = 0; chunk < 5; ++chunk) chunked += "4000\r\n" + std::string(0x4000, 'x') + "\r\n";
    refused(server, chunked, 413, "payload_too_large");
}

TEST_CASE("headers over their limits are 431, at the limits they are read") {
    RunningServer server{count};
    auto const fields = [](int count, std::size_t size) {
        std::string out = "Host: a\r\n";
        for (int field = 0; field < count; ++field) out += "X: " + std::string(size - 1, 'y') + "\r\n";
        return get(out);
    };
    RawHttp client{server.address};
    CHECK(client.ask(fields(99, 20)).body.contains("\"headers\":100"));
    CHECK(client.ask(fields(1, 8 * 1024)).status == 200);
    CHECK(client.ask(fields(3, 8 * 1024)).status == 200);
    refused(server, fields(100, 20), 431, "headers_too_large");
    refused(server, fields(1, 8 * 1024 + 1), 431, "headers_too_large");
    refused(server, fields(4, 8 * 1024), 431, "headers_too_large");
    refused(server, "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'y'), 431, "headers_too_large");
    refused(server, "GET /" + std::string(40'000, 'y'), 431, "headers_too_large");
}

TEST_CASE("headers that come slowly are counted too") {
    RunningServer server{count};
    RawHttp client{server.address};
    REQUIRE(client.send("GET / HTTP/1.1\r\nHost: a\r\n"));
    for (int field = 0; field < 50; ++field) client.send("X: " + std::string(1000, 'y') + "\r\n");
    auto const answer = client.answer();
    CHECK(answer.status == 431);
}

TEST_CASE("a trailer is no header, and too many of them are 431") {
    RunningServer server{count};
    auto const chunked = [](int trailers) {
        std::string out = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n";
        for (int field = 0; field < trailers; ++field) out += "X-API-Key: stolen\r\n";
        return out + "\r\n";
    };
    RawHttp client{server.address};
    CHECK(client.ask(chunked(3)).body.contains("\"headers\":2"));
    refused(server, chunked(120), 431, "headers_too_large");
    auto const endless = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(40'000, 'x');
    refused(server, endless, 431, "headers_too_large");
}

TEST_CASE("headers and bodies that do not come are 408") {
    http::Limits limits;
    limits.headers_timeout = 60ms;
    limits.body_timeout = 60ms;
    RunningServer server{count, limits};
    for (auto const* begun : {"GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"}) {
        RawHttp client{server.address};
        auto const answer = client.ask(begun);
        CHECK(answer.status == 408);
        CHECK(token(answer) == "request_timeout");
        client.half_close();
        CHECK(client.closed());
    }
}

TEST_CASE("an idle connection is closed without a word, before its first request and between two") {
    http::Limits limits;
    limits.idle_timeout = 200ms;
    RunningServer server{count, limits};
    RawHttp idle{server.address};
    CHECK(idle.ask(get("Host: a\r\n")).status == 200);
    CHECK(idle.closed());
    RawHttp silent{server.address};
    CHECK(silent.closed());
    CHECK(server.has_connections(0));
}

TEST_CASE("a client that goes away in the middle of a request leaves nothing behind") {
    RunningServer server{count};
    for (auto const* begun : {"", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab"}) {
        RawHttp client{server.address};
        client.send(begun);
        REQUIRE(server.has_connections(1));
        client.vanish();
        CHECK(server.has_connections(0));
    }
}
