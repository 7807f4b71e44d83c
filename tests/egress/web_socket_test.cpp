#include "egress/web_socket.hpp"

#include <future>
#include <thread>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <doctest/doctest.h>

#include "support/bot.hpp"
#include "support/certificates.hpp"
#include "support/egress_stage.hpp"

using namespace boni;
using namespace asio::experimental::awaitable_operators;

namespace {

/// A bot and our end of a WebSocket to it.
struct WebSocketStage {
    explicit WebSocketStage(test::Bot::Script script) : bot{{std::move(script)}} {
        auto opened = test::run(io, client.open({.url = bot.url()}));
        REQUIRE(opened);
        socket = *std::move(opened);
    }

    test::Bot bot;
    asio::io_context io;
    test::ScriptedResolver resolver;
    egress::Policy const policy{.allow_loopback = true};
    egress::WebSocketClient client{policy, resolver};
    std::unique_ptr<egress::WebSocket> socket;
};

/// Says `before` in pieces, and then hello. It has our end's loop, which reads each piece before the next one goes.
Task<> upgraded_after(asio::ip::tcp::acceptor& acceptor, std::string before, std::size_t piece) {
    boost::beast::websocket::stream<asio::ip::tcp::socket> socket{co_await acceptor.async_accept(asio::use_awaitable)};
    auto& raw = socket.next_layer();
    raw.set_option(asio::ip::tcp::no_delay{true});
    std::string request;
    boost::system::error_code gone;
    auto token = asio::redirect_error(asio::use_awaitable, gone);
    co_await asio::async_read_until(raw, asio::dynamic_buffer(request), "\r\n\r\n", token);
    for (std::string_view left = before; !left.empty() && !gone; left.remove_prefix(std::min(piece, left.size()))) {
        co_await asio::async_write(raw, asio::buffer(left.data(), std::min(piece, left.size())), token);
        for (auto turn = 0; turn < 3; ++turn) co_await asio::post(acceptor.get_executor(), asio::use_awaitable);
    }
    if (!gone) co_await socket.async_accept(asio::buffer(request), token);
    if (!gone) co_await socket.async_write(asio::buffer("hello", 5), token);
    co_await raw.async_wait(asio::ip::tcp::socket::wait_read, token);   // until we are gone
}

}  // namespace

TEST_CASE("a close in the midst of a message in fragments ends the read that is on its way") {
    std::promise<void> sent;
    WebSocketStage stage{[&](test::Bot& self, test::Bot::Socket& socket) {
        std::string frames{"\x01\x01{", 3};
        for (auto at = 0; at < 300; ++at) frames.append("\x00\x01 ", 3);
        frames.append("\x80\x01}", 3);
        asio::write(socket.next_layer(), asio::buffer(frames));   // on loopback it is there when this returns
        sent.set_value();
        self.hear_out(socket);
    }};
    sent.get_future().wait();
    auto const close_soon = [](egress::WebSocket& one) -> Task<> {
        // Some fragments are read.
        for (auto turn = 0; turn < 5; ++turn) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        co_await one.close(1000);
    };
    auto const both = [&](egress::WebSocket& one) -> Task<std::string> {
        auto const message = co_await (one.read() && close_soon(one));
        co_return message ? "a message" : message.error().token;
    };
    CHECK(test::run(stage.io, both(*stage.socket)) == "connect");
    CHECK(stage.bot.close_codes(1) == std::vector{1000});
}

TEST_CASE("what is said before a message that is too large is heard, and then that it is, though only its head has come") {
    WebSocketStage stage{[](test::Bot& self, test::Bot::Socket& socket) {
        asio::write(socket.next_layer(), asio::buffer("\x81\x01x\x81\x01y\x81\x7f\x40\0\0\0\0\0\0\0", 16));
        self.hear_out(socket);
    }};
    CHECK(test::run(stage.io, stage.socket->read())->bytes == "x");
    CHECK(test::run(stage.io, stage.socket->read())->bytes == "y");
    auto const message = test::run(stage.io, stage.socket->read());
    REQUIRE_FALSE(message);
    CHECK(message.error().token == "too_large");
}

TEST_CASE("a peer that floods us instead of closing is dropped") {
    WebSocketStage stage{[](test::Bot&, test::Bot::Socket& socket) {
        std::string flood;
        for (auto at = 0; at < 20'000; ++at) flood += "\x81\x01x";
        for (;;) asio::write(socket.next_layer(), asio::buffer(flood));   // until we are gone
    }};
    auto const closed = [](egress::WebSocket& one) -> Task<bool> {
        co_await one.close(1000);
        co_return true;
    };
    auto const began = std::chrono::steady_clock::now();
    CHECK(test::run(stage.io, closed(*stage.socket)));
    CHECK(std::chrono::steady_clock::now() - began < 4s);
}

TEST_CASE("a peer that says goodbye and resets its connection at once has said goodbye") {
    std::promise<void> reset;
    WebSocketStage stage{[&](test::Bot&, test::Bot::Socket& socket) {
        asio::write(socket.next_layer(), asio::buffer("\x88\x02\x0b\xb8", 4));   // close 3000
        socket.next_layer().set_option(asio::socket_base::linger{true, 0});
        socket.next_layer().close();
        reset.set_value();
    }};
    REQUIRE(reset.get_future().wait_for(5s) == std::future_status::ready);   // both are there before we look
    auto const message = test::run(stage.io, stage.socket->read());
    REQUIRE_FALSE(message);
    CHECK(message.error().token == "closed");
    CHECK(stage.socket->close_code() == 3000);
}

TEST_CASE("what a peer says behind its goodbye is nobody's, TLS or not") {
    test::Certificates certificates;
    asio::io_context theirs;
    asio::ip::tcp::acceptor acceptor{theirs, {asio::ip::address_v4::loopback(), 0}};
    std::thread bot{[&, pem = certificates.leaf("IP:127.0.0.1")] {
        asio::ssl::context tls{asio::ssl::context::tls_server};
        tls.use_certificate_chain_file(pem);
        tls.use_private_key_file(pem, asio::ssl::context::pem);
        boost::beast::websocket::stream<asio::ssl::stream<asio::ip::tcp::socket>> socket{acceptor.accept(), tls};
        socket.next_layer().handshake(asio::ssl::stream_base::server);
        socket.accept();
        auto const goodbye = asio::buffer("\x88\x02\x03\xe8", 4);
        asio::write(socket.next_layer(), goodbye);
        char echo[8];                                      // of four bytes, masked
        asio::read(socket.next_layer(), asio::buffer(echo));
        boost::system::error_code ignored;
        asio::write(socket.next_layer(), goodbye, ignored);   // echoes the echo, as simple servers do
    }};
    asio::io_context io;
    test::ScriptedResolver resolver;
    egress::Policy const policy{.allow_loopback = true, .ca_file = certificates.ca_file()};
    egress::WebSocketClient client{policy, resolver};
    auto const opened = test::run(io, client.open({.url = "wss://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/"}));
    auto const read = opened ? test::run(io, (*opened)->read()) : fail(Errc::internal, "not open");
    bot.join();
    REQUIRE(opened);
    REQUIRE_FALSE(read);
    CHECK(read.error().token == "closed");
    CHECK((*opened)->close_code() == 1000);
}

TEST_CASE("who declines the upgrade and says not how long the answer is, and stays, has declined it at once") {
    asio::io_context io;
    test::RawServer server{io};
    test::ScriptedResolver resolver;
    egress::Policy const policy{.allow_loopback = true};
    egress::WebSocketClient client{policy, resolver};
    auto const said_to = [&](std::string answer) {
        server.replies = {{.bytes = std::move(answer), .pause_in_middle = 20ms}};
        auto const began = std::chrono::steady_clock::now();
        auto const opened = test::run(io, client.open({.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/"}));
        CHECK(std::chrono::steady_clock::now() - began < 2s);
        return opened ? "open" : opened.error().token;
    };
    CHECK(said_to("HTTP/1.1 200 OK\r\n\r\n") == "http_200");
    CHECK(said_to("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>here") == "http_200");
    CHECK(said_to("HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\n") == "http_404");
    CHECK(said_to("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nbu") == "http_503");
    CHECK(said_to("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n") == "http_403");
    CHECK(said_to("HTTP/1.1 302 Found\r\nLocation: https://example.com/\r\n\r\n") == "redirect_blocked");
    CHECK(said_to("SIP/2.0 200 OK\r\n\r\n") == "connect");
}

TEST_CASE("what comes before the answer to an upgrade is not the answer, however it is cut, and not without an end") {
    auto const hints = [](int count) {
        std::string out;
        for (; count > 0; --count) out += "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
        return out;
    };
    auto const answers = [](std::string before, std::size_t piece) {
        asio::io_context io;
        asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
        spawn(io.get_executor(), "bot", upgraded_after(acceptor, std::move(before), piece));
        test::ScriptedResolver resolver;
        egress::Policy const policy{.allow_loopback = true};
        egress::WebSocketClient client{policy, resolver};
        auto const url = "ws://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";
        auto const opened = test::run(io, client.open({.url = url}));
        return !opened ? opened.error().token : std::string{test::run(io, (*opened)->read())->bytes};
    };
    CHECK(answers("", 1) == "hello");
    CHECK(answers("HTTP/1.1 100 Continue\r\n\r\n", 1) == "hello");
    CHECK(answers(hints(5), 7) == "hello");
    CHECK(answers(hints(5), 10'000) == "hello");
    CHECK(answers(hints(6), 10'000) == "http_103");
}

TEST_CASE("a peer whose frames bring nothing is read no faster than anybody needs") {
    std::string nothing;
    for (auto at = 0; at < 6'000; ++at) nothing += std::string{"\x8a\x00\x00\x00", 4};   // a pong, and a piece of a message that is empty
    WebSocketStage stage{[&](test::Bot& self, test::Bot::Socket& socket) {
        asio::write(socket.next_layer(), asio::buffer("\x01\x01x", 3));
        asio::write(socket.next_layer(), asio::buffer(nothing));
        asio::write(socket.next_layer(), asio::buffer("\x80\x01y", 3));
        self.hear_out(socket);
    }};
    auto const began = std::chrono::steady_clock::now();
    CHECK(test::run(stage.io, stage.socket->read())->bytes == "xy");
    CHECK(std::chrono::steady_clock::now() - began >= 700ms);   // a second more than what may come at once, and what is in one read is read
    CHECK_FALSE(stage.socket->floods());
}
