// How the connection to a bot ends, when it is called again, and who is not.
#include "stream/session.hpp"

#include "support/bot.hpp"
#include "support/stream_call.hpp"

using namespace boni;
using namespace boni::stream;
using test::Bot;
using Call = test::StreamCall;
using test::media_of;
using test::text;

TEST_CASE("a bot that closes ends the stream; with a wish for it, after what it had said was heard") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        Bot::say(socket, media_of(1600));
        socket.close(boost::beast::websocket::close_code::normal);
    }}};
    Call call;
    call.open(bot.url(), true, true);
    auto heard = 0;
    call.until([&] {
        if (call.opened && call.tick() != 0) ++heard;
        return call.ended.has_value();
    });
    CHECK(heard == 10);
    CHECK(call.ended->reason == "peer_closed");
    CHECK(call.ended->close_code == 1000);
    CHECK(call.ended->bytes_played == 1600);
}

TEST_CASE("a bot that says goodbye and leaves its connection open is gone after 2 s, with the code it gave") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        asio::write(socket.next_layer(), asio::buffer("\x88\x02\x03\xe8", 4));   // close 1000
        for (boost::system::error_code over; !over;) {                           // until the other side has had enough
            char byte = 0;
            socket.next_layer().read_some(asio::buffer(&byte, 1), over);
        }
    }}};
    Call call;
    call.open(bot.url());
    auto const began = std::chrono::steady_clock::now();
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "peer_closed");
    CHECK(call.ended->close_code == 1000);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a stream lasts until it is stopped, however long its bot takes to say goodbye") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        while (text(self.hear(socket), "event") != "stop") {}
        for (boost::system::error_code over; !over;) {                           // no word, until the other side has had enough
            char byte = 0;
            socket.next_layer().read_some(asio::buffer(&byte, 1), over);
        }
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.opened; });
    call.stream->stop("call_ended");
    auto const stopped_at = std::chrono::steady_clock::now();
    call.until([&] { return call.ended.has_value(); });
    CHECK(std::chrono::steady_clock::now() - stopped_at > 1s);
    CHECK(call.ended->seconds < 1);
}

TEST_CASE("a bot that restarts is called again within its window and told so") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
                 self.hear(socket);
                 self.hear(socket);
                 self.hear(socket);
                 socket.close(boost::beast::websocket::close_code::service_restart);
             },
             [](Bot& self, Bot::Socket& socket) { self.hear_out(socket); }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.opened; });
    call.hear(10);
    bot.heard(5);
    call.hear(20);
    auto const heard = bot.heard(6);
    CHECK(text(heard[4], "sequenceNumber") == "1");
    CHECK(heard[4].at("start").at("boni").at("reconnected") == true);
    CHECK(text(heard[5].at("media").as_object(), "timestamp") == "200");
    CHECK(text(heard[5].at("media").as_object(), "chunk") == "11");
    call.stream->stop("call_ended");
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reconnects == 1);
}

TEST_CASE("a bot whose gateway lost it is called again") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
                 self.hear(socket);
                 asio::write(socket.next_layer(), asio::buffer("\x88\x02\x03\xf6", 4));   // close 1014, which Beast would not send
                 self.hear_out(socket);
             },
             [](Bot& self, Bot::Socket& socket) {
                 self.hear(socket);
                 socket.close(boost::beast::websocket::close_code::normal);
             }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "peer_closed");
    CHECK(call.ended->reconnects == 1);
}

TEST_CASE("a bot that does not come back is lost after its window") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        socket.next_layer().close();
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "connection_lost");
    CHECK(call.ended->close_code == 1006);
    CHECK(call.ended->opened);
}

TEST_CASE("a bot that comes back only to vanish again is lost after the same window, five tries in all") {
    Bot bot{std::vector<Bot::Script>(8, [](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        socket.next_layer().close();
    })};
    Call call;
    auto const began = std::chrono::steady_clock::now();
    call.open(bot.url());
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "connection_lost");
    CHECK(call.ended->reconnects == 5);
    CHECK(std::chrono::steady_clock::now() - began < 3s);
}

TEST_CASE("what is no WebSocket is not called again") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        asio::write(socket.next_layer(), asio::buffer(std::string(64, char(0xff))));
        self.hear_out(socket);
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "connection_lost");
    CHECK(call.ended->close_code == 1002);
    CHECK(call.ended->reconnects == 0);
    REQUIRE(call.remarks.size() == 1);
    CHECK(call.remarks[0].event == "stream.protocol_error");
}

TEST_CASE("a message beyond 1 MiB is the last one") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        Bot::say(socket, std::string(1024 * 1024 + 1, ' '));
        self.hear_out(socket);
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "message_too_large");
    CHECK(bot.close_codes(1) == std::vector{1009});
}

TEST_CASE("who cannot be reached is tried again, who refuses is not, and a private address is never dialled") {
    Call call;
    asio::ip::tcp::acceptor closed{call.control, {asio::ip::address_v4::loopback(), 0}};
    auto const port = std::to_string(closed.local_endpoint().port());
    closed.close();
    auto const began = std::chrono::steady_clock::now();
    call.open("ws://127.0.0.1:" + port + "/");
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "connect_failed");
    CHECK(call.ended->error == "connect");
    CHECK(std::chrono::steady_clock::now() - began >= 1s);   // 250 ms and 750 ms apart

    Call blocked;
    blocked.open("wss://10.0.0.1/");
    blocked.until([&] { return blocked.ended.has_value(); }, 1s);
    CHECK(blocked.ended->error == "egress_blocked");
    CHECK_FALSE(blocked.opened);
}

TEST_CASE("a bot that takes the connection and says nothing costs 5 s, and no more") {
    Call call;
    asio::ip::tcp::acceptor silent{call.control, {asio::ip::address_v4::loopback(), 0}};   // connects, without being accepted
    auto const began = std::chrono::steady_clock::now();
    call.open("ws://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/");
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->error == "timeout");
    CHECK(std::chrono::steady_clock::now() - began < 5'400ms);
}
