#include <random>

#include <doctest/doctest.h>

#include "support/audio_line.hpp"

using namespace boni;
using namespace boni::test;

namespace {

/// Uniform extra delay up to `most`, from a seed.
AudioLine::Network jittery(std::chrono::milliseconds most, std::uint32_t seed = 1) {
    return [random = std::mt19937{seed}, most](std::uint64_t) mutable -> std::optional<std::chrono::microseconds> {
        return 5ms + std::chrono::microseconds{random() % std::uint32_t(most.count() * 1000)};
    };
}

}  // namespace

TEST_CASE("on a perfect network every sample is played once, after 20 to 45 ms") {
    AudioLine line;
    line.run(100, perfect);
    auto const begins = tone_begins(line.out, 500);
    CHECK(begins >= 10 * 8);
    CHECK(begins <= 45 * 8);
    CHECK(strength(line.last(8000), 500) > 9'500);
    CHECK(clicks(line.last(8000), 500) == 0);
    CHECK(line.playout.concealed() == 0);
    CHECK(line.playout.jitter().late() == 0);
}

TEST_CASE("packets of 10, 30 and 60 ms play as smoothly as those of 20") {
    for (auto const samples : {80uz, 240uz, 480uz}) {
        CAPTURE(samples);
        AudioLine line;
        for (auto tick = 1uz, sent = 0uz; tick <= 150; ++tick) {
            for (; sent + samples <= tick * 160; sent += samples) line.send(samples, perfect);
            line.tick();
        }
        CHECK(strength(line.last(8000), 500) > 9'500);
        CHECK(clicks(line.last(8000), 500) == 0);
    }
}

TEST_CASE("reordered packets are played in order and duplicates once") {
    AudioLine line;
    line.run(150, [](std::uint64_t packet) -> std::optional<std::chrono::microseconds> { return packet % 4 == 1 ? 28ms : 5ms; });
    CHECK(clicks(line.last(8000), 500) == 0);
    auto const again = line.flying;
    for (auto const& [when, arrival] : again) line.flying.emplace(when + 1ms, arrival);
    line.run(50, perfect);
    CHECK(clicks(line.last(8000), 500) == 0);
}

TEST_CASE("the delay follows the jitter: up at once, down by a frame per second, within 2 and 200 ms") {
    AudioLine line;
    line.run(250, jittery(110ms));
    CHECK(line.playout.jitter().target_ms() >= 85);
    CHECK(line.playout.jitter().target_ms() <= 120);
    auto const concealed = line.playout.concealed();
    line.run(250, jittery(110ms, 2));
    CHECK(line.playout.concealed() - concealed < 5 * 8000 / 25);   // what lies above the 95th percentile
    auto target = line.playout.jitter().target_ms();
    for (auto second = 0; second < 8; ++second) {
        line.run(50, perfect);
        CHECK(line.playout.jitter().target_ms() >= target - 21);
        target = line.playout.jitter().target_ms();
    }
    CHECK(target <= 22);
    line.run(1500, perfect);
    CHECK(line.playout.jitter().target_ms() <= 5);   // half a minute later the bad times are forgotten
    line.run(500, jittery(900ms));
    CHECK(line.playout.jitter().target_ms() == 200);
}

TEST_CASE("frames are given up only in silence") {
    AudioLine line;
    line.run(250, jittery(110ms));
    auto const after_tone = line.playout.jitter().delay_ms();
    line.run(250, perfect);
    CHECK(line.playout.jitter().delay_ms() > after_tone - 15);   // still all of it: the tone never paused
    CHECK(clicks(line.last(8000), 500) == 0);
    line.run(400, perfect, 0);
    CHECK(line.playout.jitter().delay_ms() < 60);
}

TEST_CASE("a lost packet is concealed; after 100 ms of loss it is silent") {
    AudioLine line;
    auto const lose = [](std::uint64_t packet) -> std::optional<std::chrono::microseconds> {
        if (packet >= 100 && packet % 20 == 0) return {};
        return 5ms;
    };
    line.run(300, lose);
    CHECK(line.playout.concealed() == 10 * 160);
    auto const audio = line.last(16'000);
    auto quiet = 0;
    for (auto at = 0uz; at + 80 <= audio.size(); at += 80) quiet += rms(audio.subspan(at, 80)) < 3'000;
    CHECK(quiet == 0);   // no hole anywhere

    line.run(5, [](auto) -> std::optional<std::chrono::microseconds> { return {}; });
    line.run(20, [](auto) -> std::optional<std::chrono::microseconds> { return {}; });
    CHECK(rms(line.last(8 * 300)) == 0);
}

TEST_CASE("a gap in time without one in sequence is silence that was meant; noise fills it at its level") {
    AudioLine line;
    line.run(50, perfect);
    for (auto frame = 0; frame < 25; ++frame) {   // the sender is silent for half a second
        line.timestamp += 160;
        line.tick();
    }
    line.run(50, perfect);
    CHECK(line.playout.concealed() <= 25 * 160);
    CHECK(clicks(line.last(4000), 500) == 0);

    line.send_noise(40);
    for (auto frame = 0; frame < 50; ++frame) {
        line.timestamp += 160;
        line.tick();
    }
    auto const level = 20 * std::log10(rms(line.last(4000)) / 32'768);
    CHECK(level == doctest::Approx(-40).epsilon(0.02));
    auto const concealed = line.playout.concealed();
    line.run(50, perfect);
    CHECK(line.playout.concealed() == concealed);
    CHECK(strength(line.last(4000), 500) > 9'500);
}

TEST_CASE("events that count time from elsewhere keep no audio waiting") {
    for (auto const ahead : {0u, 8'000u, 900'000'000u, 3'000'000'000u}) {
        CAPTURE(ahead);
        AudioLine line;
        line.run(50, perfect);
        for (auto packet = 0; packet < 5; ++packet) {   // a key for 100 ms, and no audio meanwhile
            line.send_event(ahead);
            line.timestamp += 160;
            line.tick();
        }
        line.run(50, perfect);
        CHECK(strength(line.last(6400), 500) > 9'500);
        CHECK(line.playout.concealed() == 0);
    }
}

TEST_CASE("a new SSRC and a jump of the clock begin anew, without a click") {
    AudioLine line;
    line.run(100, perfect);
    line.ssrc = 2;
    line.timestamp = 3'000'000'000;
    line.sequence = 9;
    line.run(100, perfect);
    CHECK(strength(line.last(8000), 500) > 9'500);
    line.timestamp += 80'000;
    line.run(100, perfect);
    CHECK(strength(line.last(8000), 500) > 9'500);
    CHECK(clicks(line.out, 500) <= 2);
}

TEST_CASE("what a path that was given up lets go of, seconds late between the packets of the new one, costs nothing but itself") {
    AudioLine line;
    line.run(350, [](std::uint64_t packet) -> std::optional<std::chrono::microseconds> { return packet >= 100 && packet < 150 ? 1500ms : 5ms; });
    CHECK(line.playout.jitter().late() >= 50);
    auto const since_then = line.last(190 * 160);
    CHECK(strength(since_then, 500) > 9'500);
    CHECK(clicks(since_then, 500) == 0);
}

TEST_CASE("a sender whose clock stood still is followed within a few packets") {
    AudioLine line;
    line.run(100, perfect);
    for (auto frame = 0; frame < 40; ++frame) line.tick();   // 800 ms pass and its timestamp does not
    line.run(50, perfect);
    CHECK(strength(line.last(4000), 500) > 9'500);
}

TEST_CASE("a burst after an outage leaves no standing delay") {
    AudioLine line;
    line.run(100, perfect);
    auto const until = line.clock.steady() + 900ms;
    line.run(45, [&](auto) { return std::chrono::duration_cast<std::chrono::microseconds>(until - line.clock.steady()); });
    line.run(200, perfect);
    CHECK(line.playout.jitter().delay_ms() < 420);
    CHECK(strength(line.last(4000), 500) > 9'500);
}

TEST_CASE("clocks that differ by 200 ppm neither starve nor fill the buffer") {
    for (auto const skew : {-200, 200}) {
        CAPTURE(skew);
        AudioLine line;
        auto behind = 0us;
        for (auto second = 0; second < 300; ++second) {
            line.run(25, [&](auto) { return 5ms + 100ms + behind; });
            line.run(25, [&](auto) { return 5ms + 100ms + behind; }, 0);   // people pause
            behind += std::chrono::microseconds{skew};
        }
        CHECK(line.playout.jitter().delay_ms() > 2);
        CHECK(line.playout.jitter().delay_ms() < 80);
        CHECK(line.playout.concealed() < 300 * 160 / 20);
    }
}

TEST_CASE("whatever arrives, a tick plays exactly one frame and the delay stays bounded") {
    for (auto seed = 1u; seed <= 30; ++seed) {
        CAPTURE(seed);
        std::mt19937 random{seed};
        AudioLine line;
        for (auto step = 0; step < 500; ++step) {
            auto const dice = random() % 100;
            if (dice < 3) line.timestamp = random();
            if (dice >= 3 && dice < 6) line.sequence = std::uint16_t(random());
            if (dice >= 6 && dice < 8) line.ssrc = random();
            if (dice >= 8 && dice < 12) line.send_noise(std::uint8_t(random() % 128));
            for (auto packets = random() % 3; packets > 0; --packets)
                line.send(1 + random() % 480, [&](auto) -> std::optional<std::chrono::microseconds> {
                    if (random() % 10 == 0) return {};
                    return std::chrono::microseconds{random() % 400'000};
                });
            auto const before = line.out.size();
            line.tick();
            CHECK(line.out.size() == before + 160);
            CHECK(line.playout.jitter().delay_ms() < 1'500);
            CHECK(line.playout.jitter().target_ms() >= 2);
            CHECK(line.playout.jitter().target_ms() <= 200);
        }
    }
}
