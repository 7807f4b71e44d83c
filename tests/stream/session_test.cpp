#include "stream/session.hpp"

#include "base/crypto.hpp"
#include "stream/streams.hpp"
#include "support/bot.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::stream;
using test::Bot;

namespace {

/// One stream on the real thread, against a real bot; the test is its media thread.
struct Call {
    asio::io_context control;
    egress::Policy policy{.allow_loopback = true};
    Streams streams{policy, control.get_executor()};
    std::vector<told::Remark> remarks;
    bool opened = false;
    std::optional<told::Ended> ended;
    std::unique_ptr<Stream> stream;
    std::uint64_t position = 0;
    std::uint16_t packets = 0;
    ContentType type{};

    void open(std::string url, bool bidirectional = true, bool play_out = false) {
        Subject subject{.stream = "strm_1", .call = "call_1", .tenant = "ten_1", .from = "+919876543210", .to = "+918040000001",
                        .direction = "inbound", .channel = "pstn", .number = "num_1", .route = "route_1", .traceparent = "00-1-2-01",
                        .parameters = {{"shop", "7"}}, .tracks = {Track::inbound}, .type = type};
        Wanted wanted{.url = std::move(url), .keys = {}, .subject = std::move(subject), .bidirectional = bidirectional, .play_out = play_out};
        wanted.keys.emplace_back(std::string(32, 'k'));
        stream = streams.open(std::move(wanted), [this](Told what) {
            if (auto* const remark = std::get_if<told::Remark>(&what)) remarks.push_back(*remark);
            else if (auto* const over = std::get_if<told::Ended>(&what)) ended = *over;
            else opened = true;
        });
    }
    template <class Done>
    void until(Done done, std::chrono::seconds limit = 10s) {
        auto const give_up = std::chrono::steady_clock::now() + limit;
        auto const busy = asio::make_work_guard(control);
        while (!done()) {
            REQUIRE(std::chrono::steady_clock::now() < give_up);
            control.restart();
            control.run_one_for(5ms);
        }
    }
    void hear(std::uint64_t tick) {
        std::array<std::uint8_t, media::frame_samples> const payload{};
        stream->tap()->arrived({.header = {.sequence = ++packets, .timestamp = std::uint32_t(tick) * 160}, .payload = payload,
                                .codec = media::find_codec("PCMU")}, tick, std::chrono::steady_clock::now());
        stream->tap()->waker().wake();
    }
    /// One tick of the leg: the loudest sample that was said.
    int tick() {
        media::Frame said{};
        stream->feed()->fill(said, position);
        position += said.size();
        if (stream->feed()->settle(position)) stream->feed()->waker().wake();
        return *std::ranges::max_element(said);
    }
};

std::string media_of(std::size_t bytes) { return R"({"event":"media","media":{"payload":")" + base64(std::string(bytes, '\x10')) + R"("}})"; }
std::string text(json::object const& message, std::string_view name) { return std::string{*json::text(message, name)}; }

}  // namespace

TEST_CASE("a bot is greeted, hears the caller frame by frame, and time that is missing is a hole") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) { self.hear_out(socket); }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.opened; });
    for (auto const tick : {100, 101, 104}) call.hear(std::uint64_t(tick));
    call.stream->digit('5');
    auto const heard = bot.heard(6);
    CHECK(text(heard[0], "event") == "connected");
    auto const& start = heard[1].at("start").as_object();
    CHECK(text(heard[1], "sequenceNumber") == "1");
    CHECK(start.at("mediaFormat") == json::value({{"encoding", "audio/x-mulaw"}, {"sampleRate", 8000}, {"channels", 1}}));
    CHECK(start.at("customParameters") == json::value({{"shop", "7"}, {"from_number", "+919876543210"}, {"to_number", "+918040000001"}}));
    std::vector<std::string> times, chunks, numbers;
    auto const digit = std::ranges::find_if(heard, [](auto const& one) { return text(one, "event") == "dtmf"; });
    REQUIRE(digit != heard.end());
    CHECK(text(digit->at("dtmf").as_object(), "digit") == "5");
    for (auto const& one : heard) {
        if (text(one, "event") != "connected") numbers.push_back(text(one, "sequenceNumber"));
        if (text(one, "event") != "media") continue;
        auto const& media = one.at("media").as_object();
        times.push_back(text(media, "timestamp"));
        chunks.push_back(text(media, "chunk"));
        CHECK(unbase64(text(media, "payload"))->size() == 160);
    }
    CHECK(times == std::vector<std::string>{"0", "20", "80"});
    CHECK(chunks == std::vector<std::string>{"1", "2", "5"});
    CHECK(numbers == std::vector<std::string>{"1", "2", "3", "4", "5"});

    call.stream->stop("call_ended");
    call.until([&] { return call.ended.has_value(); });
    CHECK(call.ended->reason == "call_ended");
    CHECK(call.ended->frames_sent == 3);
    auto const last = bot.heard(7).back();
    CHECK(text(last, "event") == "stop");
    CHECK(text(last.at("stop").as_object(), "reason") == "call_ended");
    CHECK(bot.close_codes(1) == std::vector{1000});
}

TEST_CASE("a bot written for Exotel is spoken to in its words, 100 ms at a time") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        Bot::say(socket, R"({"Event":"mark","stream_sid":"strm_1","mark":{"name":"m1"}})");
        self.hear_out(socket);
    }}};
    Call call{.type = *parse_content_type("dialect=exotel;events=boni", "")};
    call.open(bot.url());
    call.until([&] { return call.opened; });
    call.until([&] { call.tick(); return bot.count() == 3; });
    CHECK(bot.heard(3)[2] == json::parse(R"({"event":"mark","sequence_number":"2","stream_sid":"strm_1","mark":{"name":"m1"}})")->as_object());
    for (auto const tick : {100, 101, 102, 103, 104}) call.hear(std::uint64_t(tick));
    bot.heard(4);
    call.stream->digit('5');
    bot.heard(5);
    for (auto const tick : {106, 110}) call.hear(std::uint64_t(tick));
    bot.heard(6);
    call.stream->stop("call_ended");
    auto const heard = bot.heard(8);
    CHECK(heard[0] == json::parse(R"({"event":"connected"})")->as_object());
    CHECK(heard[1] == json::parse(R"({"event":"start","sequence_number":"1","stream_sid":"strm_1","start":{"stream_sid":"strm_1","call_sid":"call_1",
        "account_sid":"ten_1","from":"+919876543210","to":"+918040000001","custom_parameters":{"shop":"7"},
        "media_format":{"encoding":"audio/x-l16","sample_rate":"8000","bit_rate":"128kbps"}}})")->as_object());
    CHECK(heard[4] == json::parse(R"({"event":"dtmf","sequence_number":"4","stream_sid":"strm_1","dtmf":{"digit":"5","duration":"160"}})")->as_object());
    std::vector<std::string> said;
    for (auto const index : {3, 5, 6}) {
        auto const& media = heard[std::size_t(index)].at("media").as_object();
        said.push_back(text(media, "chunk") + ' ' + text(media, "timestamp") + ' ' + std::to_string(unbase64(text(media, "payload"))->size()));
    }
    CHECK(said == std::vector<std::string>{"1 0 1600", "2 120 320", "3 200 320"});
    CHECK(heard[7] == json::parse(R"({"event":"stop","sequence_number":"7","stream_sid":"strm_1","stop":{"call_sid":"call_1","account_sid":"ten_1",
        "reason":"callended"}})")->as_object());
    call.until([&] { return call.ended.has_value(); });
}

TEST_CASE("the upgrade is signed over the URL as it was written") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) { self.hear_out(socket); }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.opened; });
    auto const wanted = hex(hmac_sha256(std::string(32, 'k'), bot.header("X-Boni-Timestamp") + '.' + bot.url()));
    CHECK(bot.header("X-Boni-Signature") == "v1=" + wanted);
    CHECK(bot.header("X-Boni-Event-Id") == "strm_1");
    CHECK(bot.header("User-Agent").starts_with("Boni-Voice/"));
    CHECK(bot.header("Sec-WebSocket-Extensions").empty());
}

TEST_CASE("what the bot says is heard, marks come back with what was played, and clear is silence") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        self.hear(socket);
        Bot::say(socket, media_of(400));
        Bot::say(socket, R"({"event":"mark","mark":{"name":"one"}})");
        self.hear(socket);
        Bot::say(socket, media_of(8000 * 60));
        Bot::say(socket, R"({"event":"mark","mark":{"name":"two"}})");
        self.hear(socket);               // a frame of the caller: the test has heard enough
        Bot::say(socket, R"({"event":"clear"})");
        self.hear_out(socket);
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.tick() != 0; });
    call.until([&] { return call.tick() == 0 && bot.count() == 3; });
    auto const one = bot.heard(3)[2];
    CHECK(text(one.at("mark").as_object(), "name") == "one");
    CHECK(one.at("mark").at("playedMs") == 50);
    call.until([&] { return call.tick() != 0; });
    call.hear(1);
    call.until([&] { return call.tick() == 0; });
    call.until([&] { return call.tick() == 0 && bot.count() == 5; });
    auto const two = bot.heard(5)[4];
    CHECK(text(two.at("mark").as_object(), "name") == "two");
    CHECK(two.at("mark").at("playedMs").to_number<int>() < 20'000);
}

TEST_CASE("what cannot be used is ignored and told once per kind") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        for (auto i = 0; i < 3; ++i)
            for (auto const* const bad : {"{", "[]", R"({"event":"dance"})", R"({"event":"mark"})", R"({"event":"media","media":{"payload":"?"}})"})
                Bot::say(socket, bad);
        socket.binary(true);
        socket.write(asio::buffer("\x01\x02", 2));
        Bot::say(socket, R"({"event":"mark","mark":{"name":"still here"}})");
        self.hear_out(socket);
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return call.opened && (call.tick(), call.remarks.size() >= 5); });
    std::vector<std::string> why;
    for (auto const& remark : call.remarks) why.push_back(text(remark.detail, "why"));
    std::ranges::sort(why);
    CHECK(why == std::vector<std::string>{"binary_frame", "invalid_base64", "invalid_json", "mark_without_name", "unknown_event"});
    CHECK_FALSE(call.ended);
}

TEST_CASE("a stream that may not speak says so once, and is not closed for it") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        for (auto i = 0; i < 3; ++i) Bot::say(socket, media_of(160));
        self.hear_out(socket);
    }}};
    Call call;
    call.open(bot.url(), false);
    call.until([&] { return !call.remarks.empty(); });
    CHECK(call.stream->feed() == nullptr);
    CHECK(call.remarks.size() == 1);
    CHECK(call.remarks[0].event == "stream.media_ignored");
}

TEST_CASE("a bot that has asked for it is told what had no effect, once per kind and in sequence") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        for (auto i = 0; i < 3; ++i) Bot::say(socket, media_of(160));
        Bot::say(socket, "{");
        self.hear_out(socket);
    }}};
    Call call;
    call.type.extra_events = true;
    call.open(bot.url(), false);
    auto const heard = bot.heard(4);
    call.until([&] { return call.remarks.size() == 2; });
    for (auto const& [at, code, sequence] : {std::tuple{2, "media_ignored", "2"}, {3, "invalid_json", "3"}}) {
        CHECK(text(heard[std::size_t(at)], "event") == "boni.error");
        CHECK(text(heard[std::size_t(at)], "streamSid") == "strm_1");
        CHECK(text(heard[std::size_t(at)], "sequenceNumber") == sequence);
        CHECK(text(heard[std::size_t(at)].at("error").as_object(), "code") == code);
    }
}

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

TEST_CASE("a bot that floods is read no faster than anybody needs, and nothing of it is lost") {
    constexpr auto many = 12'000;                        // a second more than what may come at once
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        std::string flood;
        auto const one = media_of(1);
        for (auto i = 0; i < many; ++i) flood += std::string{"\x81"} + char(one.size()) + one;
        asio::write(socket.next_layer(), asio::buffer(flood));
        Bot::say(socket, R"({"event":"mark","mark":{"name":"all"}})");
        self.hear_out(socket);
    }}};
    Call call;
    auto const began = std::chrono::steady_clock::now();
    call.open(bot.url());
    call.until([&] { return call.opened && (call.tick(), bot.count() >= 3); });
    CHECK(std::chrono::steady_clock::now() - began >= 900ms);
    auto const mark = bot.heard(3)[2];
    CHECK(text(mark, "event") == "mark");
    CHECK(mark.at("mark").at("playedMs") == many / 8);
}

TEST_CASE("a message that only announces its size costs what has come of it") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        asio::write(socket.next_layer(), asio::buffer("\x81\x7f\x40\0\0\0\0\0\0\0", 10));   // 2^62 bytes
        asio::write(socket.next_layer(), asio::buffer(std::string(2 * 1024 * 1024, ' ')));
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
