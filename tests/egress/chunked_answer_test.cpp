// What customers' servers answer, as our client's parser sees it: no pieces they send it in end the process.
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <doctest/doctest.h>

#include <string>

namespace http = boost::beast::http;

namespace {

constexpr std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// As Beast's read operations feed it: what was not taken comes again with `piece` bytes more.
std::string body_in_pieces(std::string_view bytes, std::size_t piece) {
    http::response_parser<http::string_body> parser;
    parser.eager(true);
    std::string unread;
    while (!bytes.empty() && !parser.is_done()) {
        unread += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
        boost::beast::error_code error;
        unread.erase(0, parser.put(boost::asio::buffer(unread), error));
        if (error && error != http::error::need_more) return error.message();
    }
    return parser.is_done() ? "body " + parser.get().body() : "incomplete";
}

}  // namespace

TEST_CASE("a chunked answer is the same in pieces of any size, the empty one too") {
    for (std::size_t piece = 1; piece < 80; ++piece) {
        CAPTURE(piece);
        CHECK(body_in_pieces(std::string{head} + "0\r\n\r\n", piece) == "body ");
        CHECK(body_in_pieces(std::string{head} + "0\r\nA: b\r\n\r\n", piece) == "body ");
        CHECK(body_in_pieces(std::string{head} + "3\r\nabc\r\n0\r\n\r\n", piece) == "body abc");
        CHECK(body_in_pieces(std::string{head} + "0\r\n\nT", piece) == "incomplete");
    }
}
