#include "support/stream_stage.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::test;

TEST_CASE("nothing leaves before the answer, and one packet per tick from then on") {
    StreamStage at;
    at.ticks(10);
    CHECK(at.rtp.empty());
    at.start();
    at.ticks(50);
    REQUIRE(at.rtp.size() == 50);
    CHECK(at.rtp[0].to == at.peer);
    CHECK(media::parse_rtp(at.rtp[0].view())->header.marker);
    for (auto i = 1uz; i < 50; ++i) {
        auto const before = media::parse_rtp(at.rtp[i - 1].view())->header, now = media::parse_rtp(at.rtp[i].view())->header;
        CHECK(now.sequence == std::uint16_t(before.sequence + 1));
        CHECK(now.timestamp == before.timestamp + 160);
        CHECK(now.ssrc == before.ssrc);
    }
}

TEST_CASE("ticks that were missed for good leave a gap in time, not in sequence, and a marker") {
    StreamStage at;
    at.start();
    at.ticks(2);
    at.stream.skip(7, at.actions);
    at.ticks(1);
    auto const before = media::parse_rtp(at.rtp[1].view())->header, after = media::parse_rtp(at.rtp[2].view())->header;
    CHECK(after.timestamp == before.timestamp + 8 * 160);
    CHECK(after.sequence == std::uint16_t(before.sequence + 1));
    CHECK(after.marker);
}

TEST_CASE("only negotiated payloads of a plausible length count; the first one latches the leg") {
    StreamStage at;
    at.start();
    at.receive(8, std::array<std::uint8_t, 160>{}, 1, at.peer);      // PCMA was not agreed
    at.receive(0, {}, 1, at.peer);
    at.receive(0, std::array<std::uint8_t, 481>{}, 1, at.peer);      // more than 60 ms
    at.receive(101, std::array<std::uint8_t, 3>{}, 1, at.peer);
    CHECK(at.events.empty());
    at.talk(1);
    REQUIRE(at.all<media::FirstPacket>().size() == 1);
    CHECK(at.all<media::FirstPacket>()[0].from == at.peer);
    CHECK(at.stream.whole().packets_received == 1);
}

TEST_CASE("an injected packet is counted and nothing goes to where it came from") {
    StreamStage at;
    auto const attacker = *Address::parse("203.0.113.66", 6666);
    at.start();
    at.talk(100, 0);
    auto const sequence = at.sequence;
    for (auto i = 0; i < 50; ++i) {
        at.audio(tone(500, 160), attacker);
        at.sequence = std::uint16_t(sequence + i);
        at.timestamp -= 160;
        at.talk(1, 0);
    }
    CHECK(at.stream.whole().spoofed == 50);
    for (auto const& packet : at.rtp) CHECK(packet.to == at.peer);
    CHECK(at.all<media::SourceChanged>().empty());
}

TEST_CASE("a prompt that asked for it stops with the key, not with its end, and one digit comes of it") {
    StreamStage at;
    at.start();
    at.talk(10, 0);
    at.stream.play({.id = media::PlayId{1}, .clip = tone_clip(1000, 5s), .stop_on_digit = true}, at.actions);
    at.talk(10, 0);
    at.event('4', 90'000, 160, false);
    at.ticks(2);
    REQUIRE(at.all<media::Played>().size() == 1);
    CHECK(at.all<media::Played>()[0].heard == 220ms);
    CHECK(at.digits().empty());
    for (auto i = 0; i < 3; ++i) at.event('4', 90'000, 800, true);
    at.ticks(20);
    CHECK(at.digits() == "4");
    auto const said = at.said();
    CHECK(rms(std::span{said}.last(160 * 20)) < 10);
}

TEST_CASE("what comes late of an event that is over is no digit, what a new source says is one, whatever its clock") {
    StreamStage at;
    at.start();
    at.event('1', 90'000, 800, true);
    at.sequence = 3;
    at.event('2', 91'280, 800, true);
    at.sequence = 2;
    at.event('1', 90'000, 800, true);
    CHECK(at.digits() == "12");
    at.ssrc = 0xbeef;
    at.event('1', 60'000, 800, true);
    CHECK(at.digits() == "121");
}

TEST_CASE("packets that are seconds late, and one of somebody else, are no loss; a sender that begins anew is heard from its second packet on") {
    StreamStage at;
    at.start();
    auto const frame = tone(500, 160);
    auto once = [&](auto change) {
        auto const sequence = at.sequence;
        auto const timestamp = at.timestamp;
        auto const ssrc = at.ssrc;
        change();
        at.audio(frame);
        at.sequence = sequence;
        at.timestamp = timestamp;
        at.ssrc = ssrc;
    };
    auto const lost = [&] { return at.all<media::QualitySample>().back().sample.lost; };
    at.talk(200);
    for (auto i = 0; i < 20; ++i) {
        once([&] { at.sequence -= 150; at.timestamp -= 150 * 160; });
        if (i % 5 == 0) once([&] { at.sequence += 20'000; at.timestamp += 777'777; at.ssrc = 0xbeef; });
        at.talk(1);
    }
    at.talk(100);
    at.sequence -= 200;   // as after a restart, with the SSRC it had
    at.timestamp = 5;
    at.talk(100);
    at.stream.close(at.clock.steady(), at.actions);
    at.collect();
    CHECK(lost() == 0);
    CHECK(at.all<media::QualitySample>().back().sample.mos_min > 4.2);
    CHECK(at.all<media::QualitySample>().back().sample.late == 0);
}

TEST_CASE("a digit by SIP INFO beside the event is one digit, alone it is one too") {
    StreamStage at;
    at.start();
    at.event('7', 90'000, 800, true);
    at.clock.advance(40ms);
    at.stream.signalled_digit('7', at.clock.steady(), at.actions);
    at.clock.advance(200ms);
    at.stream.signalled_digit('8', at.clock.steady(), at.actions);
    at.stream.signalled_digit('!', at.clock.steady(), at.actions);
    at.stream.signalled_digit('a', at.clock.steady(), at.actions);
    at.collect();
    CHECK(at.digits() == "78A");
    CHECK(at.all<media::Digit>()[1].path == media::Digit::Path::signalling);
}

TEST_CASE("a key that is down is told, and that it is up again after its digit; one that is over with its first packet is a digit alone") {
    auto const told = [](StreamStage const& at) {
        std::string out;
        for (auto const& event : at.events) {
            if (auto const* const digit = std::get_if<media::Digit>(&event)) out += digit->key;
            if (auto const* const key = std::get_if<media::KeyHeld>(&event)) out += key->held ? '(' : ')';
        }
        return out;
    };
    StreamStage at;
    at.start();
    for (std::uint16_t duration = 160; duration <= 800; duration += 160) at.event('7', 90'000, duration, duration == 800);
    at.event('8', 100'000, 800, true);
    CHECK(told(at) == "(7)8");
    at.event('9', 110'000, 160, false);
    at.event('1', 120'000, 160, false);   // the end of the one before is lost
    at.event('1', 120'000, 320, false);
    at.ticks(10);                          // and its own
    CHECK(told(at) == "(7)8(91)");
}

TEST_CASE("events keep the tick of the audio they replace, and the prompt goes on behind them") {
    StreamStage at;
    at.start();
    at.stream.play({.id = media::PlayId{1}, .clip = tone_clip(1000, 200ms)}, at.actions);
    at.ticks(5);
    at.stream.send_digits("1", at.actions);
    at.ticks(20);
    CHECK(at.rtp.size() == 25);
    CHECK(at.all<media::DigitsSent>().size() == 1);
    auto events = 0;
    for (auto i = 0uz; i < at.rtp.size(); ++i) events += media::parse_rtp(at.rtp[i].view())->header.type == 101;
    CHECK(events == 7);
    REQUIRE(at.all<media::Played>().size() == 1);
    CHECK(at.all<media::Played>()[0].heard == 200ms);
    CHECK(tone_length(at.said(), 1000) == 1600);
    // The audio clock ran on under the event.
    auto const first = media::parse_rtp(at.rtp.front().view())->header, last = media::parse_rtp(at.rtp.back().view())->header;
    CHECK(last.timestamp - first.timestamp == 24 * 160);
}

TEST_CASE("without telephone-event digits go and come as tones") {
    StreamStage at;
    at.start(at.config({{0, "PCMU", 8000}}));
    at.stream.send_digits("5#", at.actions);
    at.ticks(25);
    REQUIRE(at.all<media::DigitsSent>().size() == 1);
    CHECK(at.all<media::DigitsSent>()[0].count == 2);
    auto const tones = at.said();
    StreamStage other;
    other.start(other.config({{0, "PCMU", 8000}}));
    for (auto at = 0uz; at + 160 <= tones.size(); at += 160) {
        other.audio(std::span{tones}.subspan(at, 160));
        other.ticks(1);
    }
    other.talk(10, 0);
    CHECK(other.digits() == "5#");
    CHECK(other.all<media::Digit>()[0].path == media::Digit::Path::in_band);

    StreamStage with_events;   // where events were agreed, a tone is somebody's voice or music
    with_events.start();
    for (auto at = 0uz; at + 160 <= tones.size(); at += 160) {
        with_events.audio(std::span{tones}.subspan(at, 160));
        with_events.ticks(1);
    }
    with_events.talk(10, 0);
    CHECK(with_events.digits().empty());
}

TEST_CASE("on hold nothing is sent, the prompt waits, and coming back it goes on with a marker") {
    StreamStage at;
    at.start();
    at.talk(10, 0);
    at.stream.play({.id = media::PlayId{1}, .clip = tone_clip(1000, 400ms)}, at.actions);
    at.talk(10, 0);
    auto hold = at.config();
    hold.direction = media::Direction::inactive;
    at.start(hold);
    auto const sent = at.rtp.size();
    at.talk(100);
    CHECK(at.rtp.size() == sent);
    CHECK(at.all<media::Played>().empty());
    at.start();
    at.talk(30, 0);
    CHECK(media::parse_rtp(at.rtp[sent].view())->header.marker);
    REQUIRE(at.all<media::Played>().size() == 1);
    CHECK(at.all<media::Played>()[0].heard == 400ms);
    CHECK(tone_length(at.said(), 1000) == 3200);
}

TEST_CASE("a long hold is no silence of the leg that comes back from it") {
    StreamStage at;
    at.start();
    at.talk(10);
    auto hold = at.config();
    hold.direction = media::Direction::inactive;
    at.start(hold);
    at.ticks(60 * 50);
    at.start();
    at.ticks(29 * 50);
    CHECK(at.all<media::MediaLost>().empty());
    at.ticks(2 * 50);
    CHECK(at.all<media::MediaLost>().size() == 1);
}

TEST_CASE("RTP that says nothing is a sign of life, from the peer alone") {
    for (auto const stranger : {false, true}) {
        StreamStage at;
        at.start();
        at.talk(10);
        for (auto i = 0; i < 5; ++i) {
            at.ticks(500);
            at.receive(i % 2 ? 20 : 0, {}, at.timestamp, stranger ? *Address::parse("203.0.113.66", 9) : at.peer);
        }
        CHECK(at.all<media::MediaLost>().empty() != stranger);
    }
}

TEST_CASE("a telephone that holds with sendonly and has no music is not lost for it") {
    StreamStage at;
    at.start();
    at.talk(10);
    auto hold = at.config();
    hold.direction = media::Direction::receive_only;
    at.start(hold);
    at.ticks(29 * 60 * 50);
    CHECK(at.all<media::MediaLost>().empty());
    at.ticks(2 * 60 * 50);
    CHECK(at.all<media::MediaLost>().size() == 1);
}
