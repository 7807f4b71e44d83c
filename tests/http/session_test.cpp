#include <doctest/doctest.h>

#include "support/running_server.hpp"

using namespace boni;
using namespace boni::test;
using http::Request;
using http::Response;

namespace {

/// Tells what it was asked.
Task<Response> echo(Request& request) {
    if (request.path == "/throw") throw std::runtime_error{"secret reason"};
    if (request.path == "/none") co_return Response{.status = 204};
    json::object out{{"method", request.method}, {"path", request.path}, {"body", request.body}, {"tls", request.tls}};
    co_return http::ok(out);
}

std::string shown(Answer const& answer, char const* member) {
    auto const body = json::parse(answer.body);
    return body ? std::string{json::text(body->as_object(), member).value_or("?")} : "no JSON";
}

constexpr auto host = "Host: boni\r\n";

std::string get_with(std::string path, std::string headers = {}) { return "GET " + path + " HTTP/1.1\r\n" + host + headers + "\r\n"; }
std::string post(std::string body) {
    return "POST /p HTTP/1.1\r\n" + std::string{host} + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a request is answered with what every answer has") {
    RunningServer server{echo};
    RawHttp client{server.address};
    auto const answer = client.ask(get_with("/v1/x?y=1"));
    CHECK(answer.status == 200);
    CHECK(shown(answer, "path") == "/v1/x");
    CHECK(answer.at("x-request-id").starts_with("req_"));
    CHECK(answer.at("cache-control") == "no-store");
    CHECK(answer.at("date").ends_with(" GMT"));
    CHECK(answer.at("content-type") == "application/json");
    CHECK(!answer.has("connection"));
}

TEST_CASE("a connection is kept for many requests, each with an id of its own") {
    RunningServer server{echo};
    RawHttp client{server.address};
    std::string last;
    for (int turn = 0; turn < 100; ++turn) {
        auto const answer = client.ask(post("turn " + std::to_string(turn)));
        REQUIRE(answer.status == 200);
        CHECK(shown(answer, "body") == "turn " + std::to_string(turn));
        CHECK(answer.at("x-request-id") != last);
        last = answer.at("x-request-id");
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("pipelined requests are answered in their order, however the bytes are cut") {
    RunningServer server{echo};
    auto const chunked = "POST /five HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n";
    auto const bytes = post("one") + get_with("/two") + post("") + "\r\n" + get_with("/four") + chunked + get_with("/six");
    for (std::size_t const piece : {bytes.size(), std::size_t{1}, std::size_t{7}}) {
        CAPTURE(piece);
        RawHttp client{server.address};
        for (std::size_t at = 0; at < bytes.size(); at += piece) REQUIRE(client.send(std::string_view{bytes}.substr(at, piece)));
        CHECK(shown(client.answer(), "body") == "one");
        CHECK(shown(client.answer(), "path") == "/two");
        CHECK(shown(client.answer(), "body") == "");
        CHECK(shown(client.answer(), "path") == "/four");
        CHECK(shown(client.answer(), "body") == "abcde");
        CHECK(shown(client.answer(), "path") == "/six");
    }
}

TEST_CASE("HEAD has the length and not the body") {
    RunningServer server{echo};
    RawHttp client{server.address};
    auto const head = client.ask("HEAD /x HTTP/1.1\r\nHost: b\r\n\r\n");
    CHECK(head.status == 200);
    CHECK(std::stoul(head.at("content-length")) > 10);
    CHECK(client.ask(get_with("/y")).status == 200);
}

TEST_CASE("204 has neither length nor body, and the connection goes on") {
    RunningServer server{echo};
    RawHttp client{server.address};
    auto const none = client.ask(get_with("/none"));
    CHECK(none.status == 204);
    CHECK(!none.has("content-length"));
    CHECK(client.ask(get_with("/y")).status == 200);
}

TEST_CASE("Connection: close and HTTP/1.0 end the connection") {
    RunningServer server{echo};
    RawHttp client{server.address};
    auto const answer = client.ask(get_with("/x", "Connection: close\r\n"));
    CHECK(answer.at("connection") == "close");
    CHECK(client.closed());
    RawHttp old{server.address};
    CHECK(old.ask("GET /x HTTP/1.0\r\n\r\n").at("connection") == "close");
    CHECK(old.closed());
    RawHttp kept{server.address};
    CHECK(kept.ask("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").at("connection") == "keep-alive");
    CHECK(kept.ask("GET /x HTTP/1.0\r\n\r\n").status == 200);
}

TEST_CASE("a client that waits for 100 is told to go on, one that does not is not") {
    RunningServer server{echo};
    RawHttp client{server.address};
    auto const head = "POST /p HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    CHECK(client.ask(head).status == 100);
    CHECK(shown(client.ask("abc"), "body") == "abc");
    CHECK(client.ask(std::string{head} + "abc").status == 200);
    CHECK(client.ask("POST /p HTTP/1.1\r\nHost: b\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n").status == 413);
}

TEST_CASE("what a handler throws is 500 without its reason, and the connection goes on") {
    RunningServer server{echo};
    RawHttp client{server.address};
    auto const answer = client.ask(get_with("/throw"));
    CHECK(answer.status == 500);
    CHECK(shown(answer, "error") == "internal_error");
    CHECK(shown(answer, "requestId") == answer.at("x-request-id"));
    CHECK(!answer.body.contains("secret"));
    CHECK(client.ask(get_with("/y")).status == 200);
}

TEST_CASE("a client that half-closes still gets its answers") {
    RunningServer server{echo};
    RawHttp client{server.address};
    client.send(get_with("/a") + get_with("/b"));
    client.half_close();
    CHECK(client.answer().status == 200);
    CHECK(client.answer().status == 200);
    CHECK(client.closed());
    CHECK(server.has_connections(0));
}
