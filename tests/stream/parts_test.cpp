#include <doctest/doctest.h>

#include "base/crypto.hpp"
#include "media/feed.hpp"
#include "stream/low_water.hpp"
#include "stream/outbox.hpp"
#include "stream/speaker.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::stream;

TEST_CASE("content types are read leniently in form and strictly in substance") {
    CHECK(parse_content_type("Audio/X-MuLaw ; Rate=8000", "contentType")->text() == "audio/x-mulaw;rate=8000");
    CHECK(parse_content_type("audio/x-l16;rate=24000;dialect=twilio", "contentType")->rate == 24000);
    CHECK(parse_content_type("audio/x-alaw;rate=8000;events=boni", "contentType")->extra_events);
    CHECK(parse_content_type("dialect=exotel", "contentType")->text() == "audio/x-l16;rate=8000");
    CHECK(parse_content_type("audio/x-l16;rate=16000; Dialect=Exotel", "contentType")->dialect == "exotel");
    for (auto const* const bad : {"", "dialect=twilio", "rate=8000", "dialect=exotel;rate=16000", "audio/x-mulaw;rate=8000;dialect=exotel",
                                  "audio/x-mulaw",
                                   "audio/x-mulaw;rate=16000", "audio/x-l16;rate=44100", "audio/x-l16;rate=8000;channels=2",
                                  "audio/wav;rate=8000", "audio/x-mulaw;rate=8000;dialect=smoke", "audio/x-mulaw;rate=8000;rate=8000",
                                   "audio/x-mulaw;rate=8000;", "audio/x-mulaw;rate=8000; ",
                                  "audio/x-mulaw;;rate=8000", "dialect=exotel;", "audio/x-l16;rate=8000;dialect=twilio;dialect=exotel",
                                   "audio/x-mulaw;rate=8000;events=boni;events=boni"}) {
        auto const parsed = parse_content_type(bad, "primary.contentType");
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error().code == Errc::invalid);
        CHECK(parsed.error().field == "primary.contentType");
    }
    auto const padded = [](std::size_t size) { return "audio/x-mulaw;" + std::string(size - 23, ' ') + "rate=8000"; };
    CHECK(parse_content_type(padded(256), ""));
    CHECK_FALSE(parse_content_type(padded(257), ""));   // a target that fails is told again in a question of 32 KiB
}

TEST_CASE("samples survive every encoding and rate") {
    auto const wave = test::tone(500, 8000, 8000);
    for (auto const* const name : {"audio/x-mulaw;rate=8000", "audio/x-alaw;rate=8000", "audio/x-l16;rate=8000", "audio/x-l16;rate=16000",
                                   "audio/x-l16;rate=24000"}) {
        auto const type = *parse_content_type(name, "");
        Encoder encoder{type};
        Decoder decoder{type};
        std::vector<std::int16_t> back;
        for (auto at = 0uz; at + 160 <= wave.size(); at += 160) {
            auto const payload = encoder.encode(std::span{wave}.subspan(at, 160));
            CHECK(payload.size() == 160uz * type.bytes_per_sample() * std::size_t(type.rate) / 8000);
            auto const samples = *decoder.decode(payload);
            back.insert(back.end(), samples.begin(), samples.end());
        }
        CHECK(back.size() == wave.size());
        CHECK(test::strength(std::span{back}.subspan(800), 500) > 7'000);
    }
}

TEST_CASE("half a sample is refused") { CHECK_FALSE(Decoder{*parse_content_type("audio/x-l16;rate=8000", "")}.decode("abc")); }

TEST_CASE("a full outbox drops the oldest audio of the track, and nothing else") {
    Outbox outbox;
    outbox.push(Outbox::Mark{"first", 0});
    for (std::uint64_t chunk = 1; chunk <= frames_waiting_max + 3; ++chunk) outbox.push(Media{Track::inbound, chunk, 20 * (chunk - 1), "x"});
    outbox.push(Media{Track::outbound, 1, 0, "y"});
    CHECK(outbox.dropped() == 3);
    CHECK(std::get<Outbox::Mark>(*outbox.pop()).name == "first");
    CHECK(std::get<Media>(*outbox.pop()).chunk == 4);
    auto left = 0uz;
    while (outbox.pop()) ++left;
    CHECK(left == frames_waiting_max);
}

TEST_CASE("an outbox knows how many marks wait in it") {
    Outbox outbox;
    outbox.push(Outbox::Mark{"a", 0});
    outbox.push(Outbox::Digit{'1'});
    outbox.push(Outbox::Mark{"b", 0});
    CHECK(outbox.marks() == 2);
    outbox.pop();
    CHECK(outbox.marks() == 1);
    outbox.new_socket();
    CHECK(outbox.marks() == 0);
}

TEST_CASE("what comes a byte at a time waits in whole pieces, between the marks it came between") {
    auto const feed = std::make_shared<media::Feed>(std::make_shared<media::Waker>());
    Speaker speaker{ContentType{}, feed};
    for (auto i = 0; i < 3000; ++i) CHECK(speaker.say("\x10").empty());
    CHECK(speaker.mark("first").empty());
    for (auto i = 0; i < 100; ++i) CHECK(speaker.say("\x10").empty());
    CHECK(speaker.mark("second").empty());
    CHECK(speaker.turn().empty());
    CHECK(feed->out() == 5);                             // 1600, 1400, a mark, 100, a mark
    std::vector<Speaker::Echo> echoes;
    for (std::uint64_t position = 0; echoes.size() < 2 && position < 8000; position += 160) {
        media::Frame frame{};
        feed->fill(frame, position);
        feed->settle(position + 160);
        for (auto& echo : speaker.turn()) echoes.push_back(std::move(echo));
    }
    REQUIRE(echoes.size() == 2);
    CHECK(echoes[0].name == "first");
    CHECK(echoes[0].played_ms == 375);
    CHECK(echoes[1].played_ms == 387);
}

TEST_CASE("the noise of a line that is alive is nothing of what the bot was heard to say") {
    auto const feed = std::make_shared<media::Feed>(std::make_shared<media::Waker>());
    Speaker speaker{ContentType{}, feed};
    std::vector<Speaker::Echo> echoes;
    std::uint64_t position = 0;
    auto const play = [&](int frames) {
        for (auto i = 0; i < frames; ++i, position += 160) {
            speaker.turn();
            media::Frame frame{};
            feed->fill(frame, position);
            feed->settle(position + 160);
            for (auto& echo : speaker.turn()) echoes.push_back(std::move(echo));
        }
    };
    CHECK(speaker.say(std::string(320, '\x10')).empty());
    play(2);
    speaker.forget();                                    // its socket is gone
    speaker.fill(std::vector<std::int16_t>(4000, 7));
    play(5);
    speaker.forget();                                    // there is another
    CHECK(speaker.say(std::string(160, '\x10')).empty());
    CHECK(speaker.mark("end").empty());
    play(4);
    REQUIRE(echoes.size() == 1);
    CHECK(echoes[0].played_ms == 60);
    CHECK(speaker.bytes_played() == 480);
}

TEST_CASE("what is said after a clear does not wait behind the marks that come back, however many") {
    auto const feed = std::make_shared<media::Feed>(std::make_shared<media::Waker>());
    Speaker speaker{ContentType{}, feed};
    auto const frame_of = [](char code) { return std::string(160, code); };
    for (std::size_t i = 0; i < marks_waiting_max - 100; ++i) {   // as bots do: a mark behind every frame
        CHECK(speaker.say(frame_of('\x10')).empty());
        CHECK(speaker.mark(std::to_string(i)).empty());
    }
    std::vector<Speaker::Echo> echoes;
    std::uint64_t position = 0;
    auto const tick = [&] {
        speaker.turn();
        media::Frame frame{};
        feed->fill(frame, position);
        position += frame.size();
        feed->settle(position);
        for (auto& echo : speaker.turn()) echoes.push_back(std::move(echo));
        return std::ranges::any_of(frame, [](auto sample) { return sample != 0; });
    };
    for (auto i = 0; i < 3; ++i) CHECK(tick());
    CHECK(echoes.size() == 3);
    speaker.clear();
    for (auto i = 0; i < 50; ++i) CHECK(speaker.mark("more").empty());
    CHECK(speaker.say(frame_of('\x20')).empty());
    CHECK(speaker.mark("last").empty());
    CHECK_FALSE(tick());                                 // silence, while the media thread gives back what it had
    CHECK(tick());
    tick();
    REQUIRE(echoes.size() == marks_waiting_max - 100 + 51);
    for (std::size_t i = 0; i < marks_waiting_max - 100; ++i) CHECK(echoes[i].name == std::to_string(i));
    CHECK(echoes[echoes.size() - 2].played_ms == 60);
    CHECK(echoes.back().name == "last");
    CHECK(echoes.back().played_ms == 80);
}

TEST_CASE("low water is told once on the way down, and so is nothing at all") {
    LowWater water;
    auto const looks = [&](std::initializer_list<std::uint64_t> levels) {
        std::string out;
        for (auto const level : levels)
            if (auto const told = water.look(level)) out += std::string{told->state} + std::to_string(told->queued_ms) + ' ';
        return out;
    };
    CHECK(looks({0, 0, 3000, 1000, 980, 700, 0, 0}) == "low980 empty0 ");
    CHECK(looks({400, 200, 0}) == "empty0 ");            // never above the mark
    CHECK(looks({2000, 0}) == "empty0 ");
    CHECK(looks({2000, 900, 1200, 800}) == "low900 low800 ");
    water.forget();
    CHECK(looks({0, 0}).empty());
}

TEST_CASE("a speaker keeps minutes, refuses what is beyond its bound whole, and forgets on demand") {
    auto const feed = std::make_shared<media::Feed>(std::make_shared<media::Waker>());
    Speaker speaker{ContentType{}, feed};
    std::string const minute(8000 * 60, '\x10');
    for (auto i = 0; i < 10; ++i) CHECK(speaker.say(minute).empty());
    CHECK(speaker.say(minute) == "buffer_overflow");
    CHECK(speaker.mark(std::string(mark_name_max + 1, 'm')) == "mark_name_too_long");
    CHECK(speaker.mark("end").empty());
    CHECK(speaker.turn().empty());
    speaker.forget();
    media::Frame frame{};
    feed->fill(frame, 0);
    CHECK(feed->settle(160));
    CHECK(speaker.turn().empty());
    CHECK(speaker.silent());
    CHECK(speaker.say(minute).empty());
}
