// What a bot is told and what it says: its messages, its audio, its marks.
#include <ctime>

#include <poll.h>

#include "stream/session.hpp"

#include "support/bot.hpp"
#include "support/stream_call.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::stream;
using test::Bot;
using Call = test::StreamCall;
using test::media_of;
using test::text;

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
    CHECK(call.ended->close_code == 1000);
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

TEST_CASE("a bot that has asked for it is told when the caller speaks, and when its own audio runs low and out") {
    Bot bot{{[](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        Bot::say(socket, media_of(8000 * 2));
        self.hear_out(socket);
    }}};
    Call call;
    call.type.extra_events = true;
    call.open(bot.url());
    call.until([&] { return call.tick() != 0; });
    call.until([&] { return call.tick() == 0 && bot.count() == 4; });
    for (auto tick = 100u; tick < 140; ++tick) call.hear(tick, tick < 110 || tick >= 114 ? 0xff : 0);
    auto const heard = bot.heard(4 + 40 + 2);
    CHECK(text(heard[2], "event") == "boni.buffer");
    CHECK(text(heard[2], "sequenceNumber") == "2");
    auto const& low = heard[2].at("buffer").as_object();
    CHECK(text(low, "state") == "low");
    CHECK(low.at("queuedMs").to_number<int>() < 1000);
    CHECK(low.at("queuedMs").to_number<int>() >= 800);   // it is told as each 200 ms were played
    CHECK(heard[3].at("buffer") == json::value({{"state", "empty"}, {"queuedMs", 0}}));
    std::vector<json::value> speech;
    for (auto const& one : heard)
        if (text(one, "event") == "boni.vad") speech.push_back(one.at("vad"));
    CHECK(speech == std::vector<json::value>{{{"speech", true}, {"timestamp", "200"}}, {{"speech", false}, {"timestamp", "280"}}});
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

TEST_CASE("a message that only announces that it is too large is the last one, be it said in one frame or in two") {
    constexpr auto half = 512 * 1024;
    std::string in_two{"\x01\x7f\0\0\0\0\0\x08\0\0", 10};
    in_two += std::string(half, ' ') + std::string{"\x80\x7f\0\0\0\0\0\x08\0\x01", 10};
    for (auto const& said : {std::string{"\x81\x7f\x40\0\0\0\0\0\0\0", 10}, std::string{"\x82\x7f\0\0\0\0\0\x10\0\x01", 10}, in_two}) {
        Bot bot{{[&](Bot& self, Bot::Socket& socket) {
            self.hear(socket);
            asio::write(socket.next_layer(), asio::buffer(said));
            self.hear_out(socket);
        }}};
        Call call;
        auto const began = std::chrono::steady_clock::now();
        call.open(bot.url());
        call.until([&] { return call.opened && (call.tick(), !bot.said("stop").empty()); });
        CHECK(std::chrono::steady_clock::now() - began < 2s);   // and not with our next ping, or never
        CHECK(bot.said("stop")[0].at("stop").at("reason") == "message_too_large");
        CHECK(bot.close_codes(1) == std::vector{1009});
        call.until([&] { return call.ended.has_value(); });
        CHECK(call.ended->reason == "message_too_large");
        CHECK(call.ended->close_code == 1009);
    }
}

TEST_CASE("a bot that floods pings and reads no answer has two seconds for its goodbye, as any other") {
    std::atomic<bool> full = false, over = false;
    Bot bot{{[&](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        auto& raw = socket.next_layer();
        raw.non_blocking(true);
        boost::system::error_code error;
        auto const ping = std::string{"\x89\x7d"} + std::string(125, 'p');
        std::string flood;
        for (auto i = 0; i < 500; ++i) flood += ping;
        std::size_t at = 0;
        for (auto taken = true; taken;) {                    // until nothing goes for a second: we are not read any more
            at += raw.write_some(asio::buffer(flood) + at, error);
            if (at == flood.size()) at = 0;
            pollfd room{.fd = raw.native_handle(), .events = POLLOUT, .revents = 0};
            taken = error != asio::error::would_block || ::poll(&room, 1, 1000) == 1;
        }
        full = true;
        full.notify_all();
        over.wait(false);
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return full.load(); });
    call.stream->stop("call_ended");
    auto const began = std::chrono::steady_clock::now();
    call.until([&] { return call.ended.has_value() || std::chrono::steady_clock::now() - began > 6s; });
    over = true;
    over.notify_all();
    REQUIRE(call.ended);
    CHECK(call.ended->reason == "call_ended");
    CHECK(std::chrono::steady_clock::now() - began < 4s);
}

TEST_CASE("a bot that floods pings is told so, and its caller goes on") {
    for (auto const* const frame : {"\x89", "\x8a"}) {         // pings, pongs
        Bot bot{{[&](Bot& self, Bot::Socket& socket) {
            self.hear(socket);
            std::string flood;
            for (auto i = 0; i < 9'000; ++i) flood += std::string{frame, 1} + '\0';
            asio::write(socket.next_layer(), asio::buffer(flood));
            self.hear_out(socket);
        }}};
        Call call;
        call.open(bot.url());
        call.until([&] { return call.ended.has_value(); });
        CHECK(call.ended->reason == "too_many_pings");
        CHECK(call.ended->close_code == 1008);
        CHECK(call.ended->reconnects == 0);
        CHECK(bot.close_codes(1) == std::vector{1008});
        CHECK(bot.said("stop")[0].at("stop").at("reason") == "too_many_pings");
    }
}

TEST_CASE("a bot that pings more often than anybody has its answers") {
    constexpr auto many = 2'000;
    std::atomic<int> pongs = 0;
    Bot bot{{[&](Bot& self, Bot::Socket& socket) {
        self.hear(socket);
        socket.control_callback([&](boost::beast::websocket::frame_type type, auto) { pongs += type == boost::beast::websocket::frame_type::pong; });
        std::string flood;
        for (auto i = 0; i < many; ++i) flood += std::string{"\x89", 1} + '\0';
        asio::write(socket.next_layer(), asio::buffer(flood));
        self.hear_out(socket);
    }}};
    Call call;
    call.open(bot.url());
    call.until([&] { return pongs == many; });
    CHECK_FALSE(call.ended);
}

TEST_CASE("a bot's message of a hundred thousand members holds up no other bot") {
    std::string hostile = R"({"event":"mark")";
    for (auto key = 0; hostile.size() < 1'000'000; ++key) hostile += ",\"" + std::to_string(key) + "\":0";
    hostile += R"(,"mark":{"name":"all"}})";
    for (auto const* const dialect : {"twilio", "exotel"}) {
        auto const began = std::clock();                       // of the processor, whatever else the machine does
        auto const heard = find_dialect(dialect)->parse(hostile);
        auto const took = std::clock() - began;
        CHECK(std::get<incoming::Mark>(heard).name == "all");
        CHECK(json::parse(hostile));
        CHECK(took * 2 < std::clock() - began - took);
    }
}
