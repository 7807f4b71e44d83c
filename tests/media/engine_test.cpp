#include "support/engine_stage.hpp"
#include "support/rtp_peer.hpp"
#include "support/temp_folder.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::test;

TEST_CASE("a clip played on one leg is heard on the other, and Played says how much left") {
    EngineStage stage;
    auto const a = stage.leg(), b = stage.leg();
    test::TempFolder folder;
    auto const file = folder.path / "heard.wav";
    a->port->start(g711_config(b->port->local()));
    b->port->start(g711_config(a->port->local()));
    REQUIRE(stage.run(b->port->record_to(file, {.stereo = false})));
    auto const id = a->port->play(tone_clip(1000, 400ms));
    REQUIRE(stage.until([&] { return a->count<media::Played>() == 1; }));
    CHECK(a->last<media::Played>()->id == id);
    CHECK(a->last<media::Played>()->heard == 400ms);
    CHECK(a->last<media::Played>()->finished);
    CHECK(a->count<media::FirstPacket>() == 1);
    CHECK(b->last<media::FirstPacket>()->from == a->port->local());
    auto const heard_until = std::chrono::steady_clock::now() + 200ms;   // the jitter buffer still holds the end
    stage.until([&] { return std::chrono::steady_clock::now() >= heard_until; });
    REQUIRE(stage.run(b->port->stop_recording()));

    std::vector<std::int16_t> samples(std::filesystem::file_size(file) / 2);
    std::unique_ptr<FILE, decltype(&::fclose)> const in{::fopen(file.c_str(), "rb"), ::fclose};
    REQUIRE(::fread(samples.data(), 2, samples.size(), in.get()) == samples.size());
    auto const audio = std::span<std::int16_t const>{samples}.subspan(22);
    CHECK(tone_length(audio, 1000) >= 360 * 8);
    CHECK(tone_length(audio, 1000) <= 420 * 8);
    CHECK(tone_length(audio, 1500) == 0);
}

TEST_CASE("a recording that is stopped before it began is over at once") {
    EngineStage stage;
    auto const leg = stage.leg();
    leg->port->start(g711_config(leg->port->local()));
    test::TempFolder folder;
    auto const file = folder.path / "stopped.wav";
    std::optional<Result<>> started;
    asio::co_spawn(stage.io, leg->port->record_to(file), [&](std::exception_ptr, Result<> how) { started = std::move(how); });
    auto const began = std::chrono::steady_clock::now();
    auto const recorded = stage.run(leg->port->stop_recording());
    CHECK(std::chrono::steady_clock::now() - began < 2s);
    REQUIRE(recorded);
    CHECK(recorded->samples == 0);
    REQUIRE(stage.until([&] { return started.has_value(); }));
    CHECK(started->error().code == Errc::conflict);
}

TEST_CASE("digits sent as events arrive exactly once each, in order") {
    EngineStage stage;
    auto const a = stage.leg(), b = stage.leg();
    a->port->start(g711_config(b->port->local()));
    b->port->start(g711_config(a->port->local()));
    a->port->send_digits("1189*#D");
    REQUIRE(stage.until([&] { return a->count<media::DigitsSent>() == 1 && b->digits().size() >= 7; }));
    CHECK(a->last<media::DigitsSent>()->count == 7);
    CHECK(b->digits() == "1189*#D");
    CHECK(a->digits().empty());
}

TEST_CASE("a leg sends fifty packets per second from the start, silence included, under one growing clock") {
    EngineStage stage;
    RtpPeer peer{stage.io};
    auto const a = stage.leg();
    a->port->start(g711_config(peer.local(), "PCMA"));
    REQUIRE(stage.until([&] { return peer.packets.size() >= 51; }));
    CHECK(peer.packets[0].header.marker);
    auto gaps = 0;   // ticks that a busy machine took from the media thread: time that passed without a packet, and the next one says so
    for (auto i = 1uz; i <= 50; ++i) {
        auto const &now = peer.packets[i].header, &before = peer.packets[i - 1].header;
        auto const step = now.timestamp - before.timestamp;
        CHECK(now.type == 8);
        CHECK(now.sequence == std::uint16_t(before.sequence + 1));
        CHECK(step % 160 == 0);
        CHECK(now.marker == (step != 160));
        gaps += now.marker;
    }
    CHECK(gaps <= 10);
    auto const clock = std::chrono::milliseconds{(peer.packets[50].header.timestamp - peer.packets[0].header.timestamp) / 8};
    CHECK(std::chrono::abs(peer.packets[50].at - peer.packets[0].at - clock) < 100ms);
    CHECK(rms(peer.audio(8)) < 10);
}

TEST_CASE("closing reports what was heard, then the final quality, and gives the ports back") {
    EngineStage stage;
    RtpPeer peer{stage.io};
    auto const a = stage.leg();
    CHECK(stage.engine.ports_in_use() == 1);
    a->port->start(g711_config(peer.local()));
    a->port->play(tone_clip(500, 10s));
    REQUIRE(stage.until([&] { return tone_begins(peer.audio(), 500) < peer.audio().size(); }));
    auto const quality = stage.run(a->port->close());
    CHECK(quality.packets_sent > 0);
    CHECK(quality.packets_received == 0);
    CHECK(quality.mos == 0);
    REQUIRE(a->count<media::Played>() == 1);
    CHECK_FALSE(a->last<media::Played>()->finished);
    CHECK(a->last<media::Played>()->heard > 0ms);
    CHECK(a->last<media::Played>()->heard < 10s);
    CHECK(std::get<media::QualitySample>(a->events.back()).final);
    stage.until([&] { return stage.engine.ports_in_use() == 0; });
    CHECK(stage.engine.ports_in_use() == 0);
}

TEST_CASE("a leg shows the address it was given before the one it is bound to") {
    EngineStage stage;
    auto const named = stage.engine.open({}, "127.0.0.1", "203.0.113.5"), plain = stage.engine.open({}, "127.0.0.2");
    CHECK((*named)->local().ip_text() == "203.0.113.5");
    CHECK((*plain)->local().ip_text() == "127.0.0.2");
}

TEST_CASE("a port may be destroyed inside its own event") {
    EngineStage stage;
    std::unique_ptr<media::Port> port;
    auto events = 0;
    port = *stage.engine.open([&](media::PortEvent) {
        ++events;
        port.reset();
    });
    port->play(nullptr);   // refused: Played follows all the same
    REQUIRE(stage.until([&] { return events > 0; }));
    CHECK(stage.until([&] { return stage.engine.ports_in_use() == 0; }));
    CHECK(events == 1);
}
