#include <random>

#include "support/engine_stage.hpp"
#include "support/rtp_peer.hpp"
#include "support/temp_folder.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::test;

TEST_CASE("legs that come and go by the hundred leave nothing behind, and every play is answered") {
    EngineStage stage{2};
    std::mt19937 random{7};
    std::vector<std::unique_ptr<EngineStage::Leg>> legs;
    auto const clip = tone_clip(800, 60ms);
    auto plays = 0uz, played = 0uz;
    for (auto round = 0; round < 300; ++round) {
        if (legs.size() < 40) {
            auto leg = stage.leg();
            leg->port->start(g711_config(legs.empty() ? leg->port->local() : legs[random() % legs.size()]->port->local()));
            auto const stopped = leg->port->play(clip, {.loop = int(random() % 3)});
            leg->port->send_digits("12");
            leg->port->stop(stopped);
            leg->port->play(clip);
            plays += 2;
            legs.push_back(std::move(leg));
        }
        if (random() % 3 == 0) {
            auto const which = legs.begin() + std::ptrdiff_t(random() % legs.size());
            stage.run((*which)->port->close());
            played += (*which)->count<media::Played>();
            CHECK(std::get<media::QualitySample>((*which)->events.back()).final);
            legs.erase(which);
        }
        stage.io.poll();
    }
    for (auto& leg : legs) {
        stage.run(leg->port->close());
        played += leg->count<media::Played>();
    }
    CHECK(played == plays);
    legs.clear();
    CHECK(stage.until([&] { return stage.engine.ports_in_use() == 0; }));
}

TEST_CASE("more commands than the ring holds are kept in order, and plays beyond it are refused with an answer") {
    EngineStage stage;
    auto const leg = stage.leg();
    auto const clip = tone_clip(800, 20ms);
    for (auto i = 0; i < 20'000; ++i) leg->port->play(clip);
    REQUIRE(stage.until([&] {
        stage.io.poll();
        return leg->count<media::Played>() >= 20'000 - 32;
    }, 20s));
    leg->port->start(g711_config(leg->port->local()));
    CHECK(stage.until([&] { return leg->count<media::Played>() == 20'000; }, 20s));
    std::vector<std::uint64_t> ids;
    for (auto const& event : leg->events)
        if (auto const* const played = std::get_if<media::Played>(&event)) ids.push_back(std::uint64_t(played->id));
    std::ranges::sort(ids);
    CHECK(std::ranges::adjacent_find(ids) == ids.end());
}

TEST_CASE("a recording holds both sides, aligned, and ends with the leg") {
    EngineStage stage;
    RtpPeer peer{stage.io};
    auto const leg = stage.leg();
    test::TempFolder folder;
    auto const file = folder.path / "both.wav";
    leg->port->start(g711_config(peer.local()));
    REQUIRE(stage.run(leg->port->record_to(file)));
    CHECK_FALSE(stage.run(leg->port->record_to(file)));   // one at a time
    leg->port->play(tone_clip(1000, 500ms));
    // The peer answers every packet it hears with 20 ms of its own tone.
    auto const own = tone(400, 8000);
    auto sent = 0uz;
    REQUIRE(stage.until([&] {
        for (; sent < peer.packets.size() && (sent + 1) * 160 <= own.size(); ++sent) {
            std::array<std::uint8_t, 160> codes;
            media::find_codec("PCMU")->encode(std::span{own}.subspan(sent * 160, 160), codes);
            peer.send(leg->port->local(), 0, codes);
        }
        return sent == 40;
    }));
    stage.run(leg->port->close());
    REQUIRE(stage.run(leg->port->stop_recording()));
    std::vector<std::int16_t> samples((std::filesystem::file_size(file) - 44) / 2);
    std::unique_ptr<FILE, decltype(&::fclose)> const in{::fopen(file.c_str(), "rb"), ::fclose};
    ::fseek(in.get(), 44, SEEK_SET);
    REQUIRE(::fread(samples.data(), 2, samples.size(), in.get()) == samples.size());
    std::vector<std::int16_t> left, right;
    for (auto i = 0uz; i + 1 < samples.size(); i += 2) {
        left.push_back(samples[i]);
        right.push_back(samples[i + 1]);
    }
    CHECK(tone_length(right, 1000) >= 480 * 8);
    CHECK(tone_length(right, 400) == 0);
    CHECK(tone_length(left, 400) >= 600 * 8);
    CHECK(tone_length(left, 1000) == 0);
}

TEST_CASE("a disk that takes nothing refuses the recording; the call goes on and may record again") {
    EngineStage stage;
    RtpPeer peer{stage.io};
    auto const leg = stage.leg();
    leg->port->start(g711_config(peer.local()));
    auto const full = stage.run(leg->port->record_to("/dev/full"));
    REQUIRE_FALSE(full);
    CHECK(full.error().what.contains("No space left"));
    CHECK_FALSE(stage.run(leg->port->stop_recording()));
    CHECK_FALSE(stage.run(leg->port->record_to("/nonexistent/file.wav")));
    auto const before = peer.packets.size();
    CHECK(stage.until([&] { return peer.packets.size() > before + 5; }));
    test::TempFolder folder;
    auto const file = folder.path / "again.wav";
    REQUIRE(stage.run(leg->port->record_to(file)));
    auto const since = peer.packets.size();
    CHECK(stage.until([&] { return peer.packets.size() > since + 5; }));
    auto const recorded = stage.run(leg->port->stop_recording());
    REQUIRE(recorded);
    CHECK(recorded->samples >= 4 * 160);
    CHECK(recorded->bytes == std::filesystem::file_size(file));
    CHECK(recorded->bytes == 44 + recorded->samples * 4);
    CHECK(recorded->cut_short.empty());
    CHECK(stage.run(leg->port->recorded())->samples == recorded->samples);
}

TEST_CASE("when the range is used up the next leg is refused") {
    asio::io_context io;
    media::Engine engine{{.port_first = 30000, .port_last = 30007, .threads = 1, .bind_address = "127.0.0.1", .pin_threads = false},
                         io.get_executor()};
    std::vector<std::unique_ptr<media::Port>> ports;
    for (auto i = 0; i < 8; ++i)
        if (auto port = engine.open({})) ports.push_back(std::move(*port));
    CHECK(ports.size() == 4);
    auto const refused = engine.open({});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
}
