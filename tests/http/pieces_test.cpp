// A body that is made while it is written: its length known or not, its end certain, one piece in memory.
#include <doctest/doctest.h>

#include "support/running_server.hpp"

using namespace boni;
using namespace boni::test;

namespace {

struct Counting {
    int made = 0;
    int pieces;
    std::size_t size;
    int fails_at;                                        ///< -1: never
};

Task<Result<std::string>> next(std::shared_ptr<Counting> state) {
    if (state->made == state->fails_at) co_return fail(Errc::unavailable, "the source is gone");
    if (state->made == state->pieces) co_return std::string{};
    co_return std::string(state->size, char('a' + state->made++ % 26));
}

http::Response in_pieces(int pieces, std::size_t size, std::optional<std::uint64_t> bytes, int fails_at = -1) {
    auto const state = std::make_shared<Counting>(0, pieces, size, fails_at);
    http::Response response{.headers = {{"Content-Type", "text/plain"}}};
    response.pieces = http::Pieces{.bytes = bytes, .next = [state] { return next(state); }};
    return response;
}

Task<http::Response> answer(http::Request& request) {
    if (request.path == "/known") co_return in_pieces(3, 2, 6);
    if (request.path == "/unknown") co_return in_pieces(3, 2, std::nullopt);
    if (request.path == "/none") co_return in_pieces(0, 0, std::nullopt);
    if (request.path == "/large") co_return in_pieces(200, 64 * 1024, std::nullopt);
    if (request.path == "/breaks") co_return in_pieces(3, 2, std::nullopt, 2);
    if (request.path == "/short") co_return in_pieces(1, 2, 6);
    if (request.path == "/long") co_return in_pieces(4, 2, 6);
    co_return http::text_response(200, "next");
}

std::string ask_for(std::string path, std::string version = "1.1") { return "GET " + path + " HTTP/" + version + "\r\nHost: boni\r\n\r\n"; }

}  // namespace

TEST_CASE("pieces of a known length go out under it, the others in chunks; the connection is kept") {
    RunningServer server{answer};
    RawHttp client{server.address};
    auto const known = client.ask(ask_for("/known"));
    CHECK(known.at("content-length") == "6");
    CHECK(known.body == "aabbcc");
    auto const unknown = client.ask(ask_for("/unknown"));
    CHECK(unknown.at("transfer-encoding") == "chunked");
    CHECK(!unknown.has("content-length"));
    CHECK(unknown.body == "aabbcc");
    CHECK(client.ask(ask_for("/none")).body.empty());
    CHECK(client.ask(ask_for("/large")).body.size() == 200 * 64 * 1024);
    CHECK(client.ask(ask_for("/after")).body == "next");
    CHECK(server.connections() == 1);
}

TEST_CASE("HEAD has the same head and no pieces") {
    RunningServer server{answer};
    RawHttp client{server.address};
    CHECK(client.ask("HEAD /known HTTP/1.1\r\nHost: b\r\n\r\n").at("content-length") == "6");
    CHECK(client.ask("HEAD /unknown HTTP/1.1\r\nHost: b\r\n\r\n").at("transfer-encoding") == "chunked");
    CHECK(client.ask(ask_for("/after")).body == "next");
}

TEST_CASE("a client of HTTP/1.0 gets no chunks: the connection ends behind the last piece") {
    RunningServer server{answer};
    RawHttp client{server.address};
    client.send("GET /unknown HTTP/1.0\r\nHost: b\r\nConnection: keep-alive\r\n\r\n");
    auto const all = client.rest();
    CHECK(all.ends_with("\r\n\r\naabbcc"));
    CHECK(all.contains("Connection: close\r\n"));
    CHECK(!all.contains("chunked"));
}

TEST_CASE("a body that breaks off, or is not as long as was said, ends the connection: nobody takes it for whole") {
    RunningServer server{answer};
    for (auto const* const path : {"/breaks", "/short", "/long"}) {
        CAPTURE(path);
        RawHttp client{server.address};
        client.send(ask_for(path));
        auto const all = client.rest();
        CHECK(all.contains("200 OK"));
        CHECK(!all.contains("\r\n0\r\n"));
        CHECK(!all.ends_with("ccdd"));
    }
}
