#include "media/dtmf.hpp"

#include <string>

#include <doctest/doctest.h>

#include "media/inband.hpp"
#include "support/fake_clock.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::test;

namespace {

struct Receiver {
    media::EventReceiver events;
    FakeClock clock;
    std::string keys;
    int began = 0;

    void packet(int event, std::uint32_t timestamp, int duration, bool end = false, bool late = false) {
        std::array<std::uint8_t, 4> payload{std::uint8_t(event), std::uint8_t(end ? 0x8a : 0x0a)};
        media::write16(payload, 2, std::uint16_t(duration));
        auto const heard = events.receive(payload, timestamp, late, clock.steady());
        began += heard.began;
        keys.append(heard.keys.data(), heard.count);
        clock.advance(20ms);
        if (auto const key = events.poll(clock.steady())) keys += *key;
    }
    void pass(std::chrono::milliseconds time) {
        for (auto passed = 0ms; passed < time; passed += 20ms) {
            clock.advance(20ms);
            if (auto const key = events.poll(clock.steady())) keys += *key;
        }
    }
};

}  // namespace

TEST_CASE("one event with three end packets is one digit, complete at the first of them") {
    Receiver at;
    for (auto const duration : {160, 320, 480, 640}) at.packet(5, 1000, duration);
    CHECK(at.keys.empty());
    at.packet(5, 1000, 800, true);
    CHECK(at.keys == "5");
    at.packet(5, 1000, 800, true);
    at.packet(5, 1000, 800, true);
    at.pass(500ms);
    CHECK(at.keys == "5");
    CHECK(at.began == 1);
}

TEST_CASE("with all end packets lost the digit is complete 120 ms after the last one") {
    Receiver at;
    at.packet(11, 1000, 160);
    at.packet(11, 1000, 320);
    at.pass(80ms);
    CHECK(at.keys.empty());
    at.pass(40ms);
    CHECK(at.keys == "#");
    at.packet(11, 1000, 800, true);   // the end comes after all
    CHECK(at.keys == "#");
}

TEST_CASE("the next event completes one whose end was lost; the same key twice is two digits; stragglers are none") {
    Receiver at;
    at.packet(7, 1000, 160);
    at.packet(7, 2280, 160);
    CHECK(at.keys == "7");
    at.packet(7, 2280, 800, true);
    CHECK(at.keys == "77");
    at.packet(7, 1000, 800, true, true);
    CHECK(at.keys == "77");
    at.packet(3, 9000, 800, true);   // only one packet of it arrived, and that is the end
    CHECK(at.keys == "773");
}

TEST_CASE("a sender whose clock was set back or stands still loses no digit") {
    Receiver at;
    at.packet(1, 90'000, 800, true);
    at.packet(2, 80'000, 160);       // another source, or the same after a transfer: from any timestamp
    at.packet(2, 80'000, 800, true);
    at.packet(3, 80'000, 800, true);
    at.packet(2, 80'000, 800, true, true);
    CHECK(at.keys == "123");
}

TEST_CASE("ends that come between the packets of the next event, and keys held together, are no further digits") {
    Receiver between, together;
    between.packet(1, 1000, 800, true);
    between.packet(2, 2000, 160);
    between.packet(1, 1000, 800, true);
    between.packet(2, 2000, 320);
    between.packet(1, 1000, 800, true);
    between.packet(2, 2000, 480, true);
    between.packet(1, 3000, 160, true);
    CHECK(between.keys == "121");
    CHECK(between.began == 3);
    for (auto duration = 160; duration <= 800; duration += 160)
        for (auto const key : {5, 6}) together.packet(key, 1000u + unsigned(key), duration);
    for (auto const key : {5, 6}) together.packet(key, 1000u + unsigned(key), 960, true);
    together.pass(500ms);
    CHECK(together.keys == "56");
}

TEST_CASE("a key held beyond the width of the duration stays one digit") {
    Receiver at;
    at.packet(1, 1000, 65'000);
    at.packet(1, 1000, 65'535);
    at.packet(1, 1000 + 65'535, 160);
    at.packet(1, 1000 + 65'535, 320, true);
    CHECK(at.keys == "1");
}

TEST_CASE("a sender that moves the timestamp with every packet of an event says one digit a press") {
    Receiver at;
    for (auto const start : {1000u, 3000u}) {
        for (auto packet = 0u; packet < 5; ++packet) at.packet(3, start + 160 * packet, int(160 * packet + 160));
        for (auto packet = 5u; packet < 8; ++packet) at.packet(3, start + 160 * packet, 800, true);
    }
    CHECK(at.keys == "33");
    CHECK(at.began == 2);
    for (auto const packet : {0u, 4u, 7u}) at.packet(3, 4500 + 160 * packet, int(std::min(packet * 160 + 160, 800u)), packet > 4);   // with loss
    CHECK(at.keys == "333");
    for (auto packet = 0u; packet < 5; ++packet) at.packet(3, 7000 + 160 * packet, int(160 * packet + 160));   // its ends were lost
    at.packet(3, 7960, 160);   // the next press, soon
    at.pass(120ms);
    CHECK(at.keys == "33333");
}

TEST_CASE("what is no key is no digit") {
    Receiver at;
    at.packet(16, 1000, 800, true);    // hook flash
    at.packet(255, 3000, 800, true);
    at.events.receive(std::array<std::uint8_t, 3>{1, 0x8a, 0}, 5000, false, at.clock.steady());
    CHECK(at.keys.empty());
}

TEST_CASE("a digit over two paths within 100 ms counts once, on one path always") {
    using Path = media::Digit::Path;
    media::DigitGate gate;
    FakeClock clock;
    auto const passes = [&](char key, Path path, std::chrono::milliseconds held = 0ms) {
        return gate.passes(key, path, clock.steady() - held, clock.steady());
    };
    CHECK(passes('1', Path::rtp_event));
    clock.advance(90ms);
    CHECK_FALSE(passes('1', Path::signalling));
    CHECK(passes('1', Path::rtp_event));
    CHECK(passes('2', Path::signalling));
    clock.advance(100ms);
    CHECK(passes('2', Path::rtp_event));
}

TEST_CASE("an INFO when the key goes down and an event that ends long after are one press; the next press is another") {
    using Path = media::Digit::Path;
    media::DigitGate gate;
    FakeClock clock;
    for (auto press = 0; press < 2; ++press) {
        CHECK(gate.passes('5', Path::signalling, clock.steady(), clock.steady()));
        clock.advance(500ms);
        CHECK_FALSE(gate.passes('5', Path::rtp_event, clock.steady() - 480ms, clock.steady()));
        clock.advance(200ms);
    }
    CHECK(gate.passes('5', Path::rtp_event, clock.steady(), clock.steady() + 200ms));
    CHECK_FALSE(gate.passes('5', Path::signalling, clock.steady() + 50ms, clock.steady() + 50ms));   // while it is held
}

TEST_CASE("a digit tells when it began, with its end and without") {
    media::EventReceiver events;
    FakeClock clock;
    auto const began = clock.steady();
    std::array<std::uint8_t, 4> payload{5, 0x0a, 0, 160};
    events.receive(payload, 1000, false, clock.steady());
    clock.advance(300ms);
    payload[1] = 0x8a;
    CHECK(events.receive(payload, 1000, false, clock.steady()).since[0] == began);
    clock.advance(1s);
    payload[1] = 0x0a;
    auto const again = clock.steady();
    events.receive(payload, 9000, false, again);
    clock.advance(120ms);
    CHECK(events.poll(clock.steady()) == '5');
    CHECK(events.since() == again);
}

TEST_CASE("a sent digit is five growing packets and three ends under one timestamp, then a gap of 60 ms in all") {
    media::EventSender sender;
    REQUIRE(sender.push('9'));
    REQUIRE(sender.push('a'));
    CHECK_FALSE(sender.push('x'));
    std::vector<int> durations;
    auto clock = 5000u, ends = 0u, markers = 0u;
    for (auto step = 0; step < 8; ++step, clock += 160) {
        auto const out = sender.step(clock);
        CHECK_FALSE(out.finished);
        if (!out.packet) continue;
        CHECK(out.packet->timestamp == 5000);
        CHECK(int(out.packet->payload[0]) == 9);
        durations.push_back(media::read16(out.packet->payload, 2));
        ends += (out.packet->payload[1] & 0x80) != 0;
        markers += out.packet->marker;
    }
    CHECK(durations == std::vector{160, 320, 480, 640, 800, 800, 800});
    CHECK(ends == 3);
    CHECK(markers == 1);
    auto const second = sender.step(clock);
    REQUIRE(second.packet);
    CHECK(int(second.packet->payload[0]) == 12);
    CHECK(second.packet->timestamp == clock);
    for (auto step = 1; step < 7; ++step) CHECK_FALSE(sender.step(clock).finished);
    CHECK(sender.step(clock).finished);
    CHECK_FALSE(sender.busy());
}

TEST_CASE("at most 64 digits wait") {
    media::EventSender sender;
    for (auto i = 0; i < 64; ++i) REQUIRE(sender.push('1'));
    CHECK_FALSE(sender.push('1'));
}

TEST_CASE("digits as tones are made and recognised, and speech-like tones are not") {
    media::ToneGenerator generator;
    media::ToneDetector detector;
    std::string heard;
    for (auto const key : std::string_view{"0123456789*#ABCD"}) REQUIRE(generator.push(key));
    std::array<std::int16_t, 160> frame{};
    auto frames = 0;
    for (; generator.fill(frame) > 0; ++frames)
        if (auto const key = detector.listen(frame)) heard += key;
    CHECK(heard == "0123456789*#ABCD");
    CHECK(frames == 16 * 8);
    for (auto const hz : {697.0, 1209.0, 440.0}) CHECK(detector.listen(tone(hz, 800)) == '\0');
}
