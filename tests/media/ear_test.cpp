#include "media/ear.hpp"

#include <random>

#include <doctest/doctest.h>

#include "support/fake_clock.hpp"

using namespace boni;
using namespace boni::media;

namespace {

constexpr std::uint64_t first_tick = 1000;

/// A sender of loud packets and the ear that hears them; a tick passes when the test says so.
struct Line {
    TapRing ring;
    Ear ear{ring};
    test::FakeClock clock;
    std::uint32_t ssrc = 7, timestamp = 0xFFFF'FF00;       // wraps within two packets
    std::uint16_t sequence = 65'534;
    std::uint64_t tick = first_tick;
    struct Heard {
        std::uint64_t tick;
        int loudest;
        bool operator==(Heard const&) const = default;
    };

    /// One packet; `value` is in each of its samples. True: the reader is woken.
    bool packet(std::uint16_t at, std::uint32_t stamp, int value = 1000, std::size_t samples = 160, Jitter::Kind kind = Jitter::Kind::audio) {
        auto const* const codec = find_codec("PCMA");
        std::vector<std::int16_t> const audio(samples, std::int16_t(value));
        std::vector<std::uint8_t> payload(kind == Jitter::Kind::audio ? samples : 0);
        if (!payload.empty()) codec->encode(audio, payload);
        return ear.arrived({.kind = kind, .header = {.sequence = at, .timestamp = stamp, .ssrc = ssrc}, .payload = payload, .codec = codec}, tick,
                           clock.steady());
    }
    bool next(int value = 1000, std::size_t samples = 160) {
        auto const woken = packet(sequence++, timestamp, value, samples);
        timestamp += std::uint32_t(samples);
        return woken;
    }
    void lose(std::size_t samples = 160) {
        ++sequence;
        timestamp += std::uint32_t(samples);
    }
    bool pass(int ticks = 1) {
        auto woken = false;
        for (; ticks > 0; --ticks) {
            clock.advance(20ms);
            woken |= ear.tick(++tick, 30ms, clock.steady());
        }
        return woken;
    }
    std::vector<std::uint64_t> ticks() {
        std::vector<std::uint64_t> out;
        for (auto const& one : heard()) out.push_back(one.tick - first_tick);
        return out;
    }
    /// Frames since the last call; the value is A-law's, hence rounded to hundreds.
    std::vector<Heard> heard() {
        std::vector<Heard> out;
        for (TapFrame frame; ring.pop(frame);) {
            CHECK_FALSE(frame.said);
            out.push_back({frame.tick, (*std::ranges::max_element(frame.samples) + 50) / 100 * 100});
        }
        return out;
    }
};
using Ticks = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a packet that is next in order is a frame at once") {
    Line line;
    for (auto value : {1000, 2000, 3000}) {
        CHECK(line.next(value));
        CHECK(line.heard() == std::vector<Line::Heard>{{line.tick, value}});
        CHECK_FALSE(line.pass());
    }
}

TEST_CASE("packets of any length make frames of 20 ms, aligned to the first") {
    for (auto const samples : {80uz, 240uz, 480uz}) {
        CAPTURE(samples);
        Line line;
        for (auto sent = 0uz; sent < 480; sent += samples) line.next(1000, samples);
        CHECK(line.ticks() == Ticks{0, 1, 2});
    }
}

TEST_CASE("reordered packets are heard in order and repeated ones once") {
    Line line;
    line.next(1000);
    auto const [at, stamp] = std::pair{line.sequence, line.timestamp};
    line.lose();
    CHECK_FALSE(line.next(3000));
    CHECK_FALSE(line.packet(std::uint16_t(at + 1), stamp + 160, 3000));   // waits already
    CHECK(line.packet(at, stamp, 2000));
    CHECK_FALSE(line.packet(at, stamp, 2000));
    CHECK(line.heard() == std::vector<Line::Heard>{{first_tick, 1000}, {first_tick + 1, 2000}, {first_tick + 2, 3000}});
}

TEST_CASE("a lost packet is concealed when the one behind it has waited long enough; a long loss is a hole") {
    Line line;
    for (auto i = 0; i < 5; ++i) line.next();
    line.pass(5);
    CHECK(line.ticks() == Ticks{0, 1, 2, 3, 4});
    line.lose();
    line.next();
    CHECK_FALSE(line.pass());
    CHECK(line.pass());
    CHECK(line.ticks() == Ticks{5, 6});
    for (auto i = 0; i < 8; ++i) line.lose();
    line.pass(8);
    line.next();
    line.pass(2);
    CHECK(line.ticks() == Ticks{15});
}

TEST_CASE("packets of 60 ms wait in order too; of more than there is room for the oldest count as lost") {
    Line line;
    line.next(1000, 480);
    CHECK(line.ticks() == Ticks{0, 1, 2});
    auto const [at, stamp] = std::pair{line.sequence, line.timestamp};
    line.lose(480);
    for (auto i = 0; i < 4; ++i) CHECK_FALSE(line.next(1000, 480));
    CHECK(line.packet(at, stamp, 1000, 480));
    CHECK(line.ticks() == Ticks{3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17});
    line.lose(480);
    for (auto i = 0; i < 7; ++i) CHECK_FALSE(line.next(1000, 480));
    line.pass(24);
    auto const late = line.ticks();
    REQUIRE_FALSE(late.empty());
    CHECK(late.back() == 41);
}

TEST_CASE("more packets behind a missing one than can wait give it up") {
    Line line;
    line.next();
    line.lose();
    for (auto i = 0; i < 15; ++i) CHECK_FALSE(line.next());
    CHECK(line.next());
    CHECK(line.ticks().size() == 18);
    line.next();
    CHECK(line.ticks() == Ticks{18});
}

TEST_CASE("a sender that was silent on purpose leaves a hole of that length and needs no waiting") {
    Line line;
    line.next();
    line.packet(line.sequence++, line.timestamp, 0, 0, Jitter::Kind::noise);
    line.timestamp += 160 * 200 + 70;                                     // 4 s and a bit
    line.pass(201);
    CHECK(line.next(2000));
    CHECK(line.heard() == std::vector<Line::Heard>{{first_tick, 1000}, {first_tick + 201, 2000}});
    line.next();
    CHECK(line.ticks() == Ticks{202});
}

TEST_CASE("a burst after an outage keeps its times, and a source that begins anew goes on now") {
    Line line;
    line.next();
    line.pass(40);
    for (auto i = 0; i < 40; ++i) line.next();
    CHECK(line.ticks().back() == 40);
    for (auto anew = 0; anew < 3; ++anew) {
        line.pass(100);
        auto const running = line.tick - first_tick;
        if (anew == 0) line.ssrc = 8;
        if (anew == 1) line.timestamp -= 80'000;
        if (anew == 2) line.sequence += 10'000;
        if (anew == 2) line.timestamp += 8'000'000;
        CHECK(line.next());
        CHECK(line.ticks() == Ticks{running});
    }
}

TEST_CASE("whatever comes, in whatever order: ticks ascend, and nobody is more than a second ahead") {
    for (std::uint32_t seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        std::mt19937 dice{seed};
        Line line;
        auto last = std::uint64_t{0};
        for (auto i = 0; i < 2'000; ++i) {
            switch (dice() % 8) {
                case 0: line.pass(int(dice() % 4)); break;
                case 1: line.sequence = std::uint16_t(line.sequence + dice() % 40); break;
                case 2: line.timestamp += dice() % 20'000; break;
                case 3: line.packet(std::uint16_t(line.sequence - dice() % 20), line.timestamp - dice() % 3'000); break;
                case 4: line.packet(line.sequence++, line.timestamp, 0, 0, dice() % 2 ? Jitter::Kind::noise : Jitter::Kind::other); break;
                case 5: if (dice() % 50 == 0) line.ssrc = std::uint32_t(dice()), line.sequence = std::uint16_t(dice()), line.timestamp = std::uint32_t(dice()); break;
                default: line.next(1000, 80 * (1 + dice() % 6));
            }
            for (auto const& one : line.heard()) {
                CHECK(one.tick > last);
                CHECK(one.tick <= line.tick + 51);
                last = one.tick;
            }
        }
        CHECK(last > first_tick);
    }
}

TEST_CASE("who sends more than time allows is cut off a second ahead") {
    Line line;
    for (auto i = 0; i < 400; ++i) {
        line.next();
        if (i == 30) line.ticks();
    }
    CHECK(line.ticks().size() == 20);
    line.pass(10);
    line.next();
    CHECK(line.ticks().size() == 1);
}

TEST_CASE("a sender whose clock runs ahead in each of its pauses is heard for good") {
    Line line;
    for (auto pause = 0; pause < 20; ++pause) {
        for (auto i = 0; i < 5; ++i) {
            line.next();
            line.pass();
        }
        line.timestamp += 160 * 55;                                       // a second, it says, and a tenth of one too many
        line.pass(50);
    }
    line.ticks();
    for (auto i = 0; i < 5; ++i) {
        CHECK(line.next());
        line.pass();
    }
    CHECK(line.ticks().size() == 5);
}
