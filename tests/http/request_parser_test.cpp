// The bytes of a request however they come: what a session hands over is the same, and nothing of it ends the process.
#include "http/request_parser.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::http;

namespace {

constexpr Limits limits;
constexpr std::string_view head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/// As a session reads; the body, or the token of the refusal, or what is missing.
std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
    Request request;
    RequestParser parser{request, limits};
    std::string unread;
    while (!bytes.empty()) {
        unread += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (std::size_t taken = 1; taken > 0 && !unread.empty() && !parser.complete();) {
            auto const result = parser.read(unread);
            if (!result) return result.error().token;
            taken = *result;
            unread.erase(0, taken);
        }
    }
    return parser.complete() ? "body " + request.body : "incomplete";
}

}  // namespace

TEST_CASE("a chunked body is the same in pieces of any size, the empty one too") {
    for (std::size_t piece = 1; piece < 80; ++piece) {
        CAPTURE(piece);
        CHECK(read_in_pieces(std::string{head} + "0\r\n\r\n", piece) == "body ");
        CHECK(read_in_pieces(std::string{head} + "0\r\nA: b\r\n\r\n", piece) == "body ");
        CHECK(read_in_pieces(std::string{head} + "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", piece) == "body abcd");
    }
}

TEST_CASE("a last chunk that does not end waits, one that is wrong is refused") {
    for (std::size_t piece = 1; piece < 80; ++piece) {
        CAPTURE(piece);
        CHECK(read_in_pieces(std::string{head} + "0\r\n\r", piece) == "incomplete");
        CHECK(read_in_pieces(std::string{head} + "0\r\n\nT", piece) == "incomplete");
        CHECK(read_in_pieces(std::string{head} + "zz\r\n\r\n", piece) == "malformed_request");
    }
}
