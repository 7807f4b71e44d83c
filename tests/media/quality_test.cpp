#include "media/quality.hpp"

#include <doctest/doctest.h>

#include "support/stream_stage.hpp"

using namespace boni;
using namespace boni::test;

namespace {

/// A receiver report about us, and the peer's own SR so that we have something to answer.
std::vector<std::uint8_t> peer_report(std::uint32_t about, std::uint32_t last_sr, double held_seconds) {
    std::vector<std::uint8_t> bytes(256);
    bytes.resize(media::write_rtcp({.ssrc = 0xabcd, .sender = media::SenderInfo{.ntp = media::Ntp{77} << 32},
                                    .block = media::ReportBlock{.ssrc = about, .last_sr = last_sr,
                                                                .since_last_sr = std::uint32_t(held_seconds * 65'536)},
                                    .cname = "peer"}, bytes));
    return bytes;
}

std::uint32_t our_ssrc(StreamStage const& at) { return media::parse_rtp(at.rtp.at(0).view())->header.ssrc; }

}  // namespace

TEST_CASE("MOS: the E-model's values for G.711") {
    CHECK(media::mos({.delay_ms = 40}) == doctest::Approx(4.39).epsilon(0.01));
    CHECK(media::mos({.delay_ms = 40, .loss_percent = 3}) == doctest::Approx(4.14).epsilon(0.02));
    CHECK(media::mos({.delay_ms = 400}) == doctest::Approx(3.2).epsilon(0.1));
    CHECK(media::mos({.delay_ms = 40, .loss_percent = 100}) < 1.5);
    CHECK(media::mos({.delay_ms = 5000, .loss_percent = 100}) == 1.0);
    for (auto loss = 0.0, before = 5.0; loss <= 20; loss += 0.5) {
        auto const now = media::mos({.delay_ms = 50, .loss_percent = loss});
        CHECK(now < before);
        before = now;
    }
}

TEST_CASE("levels are RMS against full scale") {
    CHECK(media::to_dbov(0) == -127);
    media::LevelMeter meter;
    meter.add(tone(500, 8000, 32'767));
    CHECK(meter.take() == doctest::Approx(-3.01).epsilon(0.01));
    CHECK(meter.silent_samples() == 0);
    meter.add(std::vector<std::int16_t>(800, 20));
    CHECK(meter.silent_samples() == 800);
    meter.add(std::vector<std::int16_t>(800, 200));
    CHECK(meter.silent_samples() == 0);
}

TEST_CASE("a sample comes every 5 s and counts its own time only; the whole leg comes at the end") {
    StreamStage at;
    at.start();
    at.talk(600);
    auto samples = at.all<media::QualitySample>();
    REQUIRE(samples.size() == 2);
    for (auto const& [sample, final] : samples) {
        CHECK_FALSE(final);
        CHECK(sample.packets_received >= 249);
        CHECK(sample.packets_received <= 251);
        CHECK(sample.packets_sent == doctest::Approx(250).epsilon(0.01));
        CHECK(sample.lost == 0);
        CHECK(sample.mos > 4.3);
        CHECK(sample.level_dbov == doctest::Approx(-13.3).epsilon(0.05));
        CHECK_FALSE(sample.rtt_ms);
        CHECK_FALSE((sample.high_loss || sample.high_jitter || sample.one_way_audio || sample.silence));
    }
    at.stream.close(at.clock.steady(), at.actions);
    at.collect();
    auto const last = at.all<media::QualitySample>().back();
    CHECK(last.final);
    CHECK(last.sample.packets_received == 600);
    CHECK(last.sample.packets_sent == 600);
    CHECK(last.sample.mos_min > 4.3);
}

TEST_CASE("loss above 3 % is named, lowers MOS, and stays with the leg") {
    StreamStage at;
    at.start();
    at.talk(250);
    for (auto i = 0; i < 250; ++i) {
        if (i % 10 == 0) {
            ++at.sequence;
            at.timestamp += 160;
            at.ticks(1);
        } else {
            at.talk(1);
        }
    }
    auto const samples = at.all<media::QualitySample>();
    REQUIRE(samples.size() == 2);
    CHECK_FALSE(samples[0].sample.high_loss);
    CHECK(samples[1].sample.high_loss);
    CHECK(samples[1].sample.lost >= 24);
    CHECK(samples[1].sample.mos < 3.5);
    at.talk(250);
    CHECK_FALSE(at.all<media::QualitySample>()[2].sample.high_loss);
    CHECK(at.stream.whole().high_loss);
    CHECK(at.stream.whole().mos_min == samples[1].sample.mos);
}

TEST_CASE("a sender that sets its timestamps anew is not told as jitter") {
    StreamStage at;
    at.start();
    at.talk(100);
    at.timestamp += 4'000'000;
    at.talk(160);
    auto const samples = at.all<media::QualitySample>();
    REQUIRE(samples.size() == 1);
    CHECK(samples[0].sample.jitter_ms < 1);
    CHECK_FALSE(samples[0].sample.high_jitter);
}

TEST_CASE("one way and silence are named") {
    StreamStage at;
    at.start();
    at.ticks(260);
    CHECK(at.all<media::QualitySample>()[0].sample.one_way_audio);
    CHECK(at.all<media::QualitySample>()[0].sample.mos == 0);
    at.talk(250, 0);
    CHECK_FALSE(at.all<media::QualitySample>()[1].sample.one_way_audio);
    at.talk(1000, 0);
    CHECK(at.all<media::QualitySample>().back().sample.silence);
    at.talk(250);
    CHECK_FALSE(at.all<media::QualitySample>().back().sample.silence);
}

TEST_CASE("30 s without RTP and RTCP is media lost, once, until something is heard again") {
    StreamStage at;
    at.start();
    at.talk(50);
    at.ticks(1498);   // the tick behind the last packet was the first
    CHECK(at.all<media::MediaLost>().empty());
    at.ticks(1);
    REQUIRE(at.all<media::MediaLost>().size() == 1);
    CHECK(at.all<media::MediaLost>()[0].silent >= 30s);
    at.ticks(3000);
    CHECK(at.all<media::MediaLost>().size() == 1);
    at.talk(1);
    CHECK(at.all<media::MediaBack>().size() == 1);
    at.ticks(1500);
    CHECK(at.all<media::MediaLost>().size() == 2);
}

TEST_CASE("RTCP alone keeps a leg, and on hold it has half an hour") {
    StreamStage at;
    at.start();
    at.talk(1);
    auto const report = peer_report(1, 0, 0);
    for (auto i = 0; i < 10; ++i) {
        at.ticks(500);
        at.stream.receive_rtcp(report, *Address::parse("192.0.2.1", 4001), at.clock.steady(), at.actions);
    }
    CHECK(at.all<media::MediaLost>().empty());
    auto hold = at.config();
    hold.direction = media::Direction::send_only;
    at.start(hold);
    at.ticks(50 * 60 * 29);
    CHECK(at.all<media::MediaLost>().empty());
    at.ticks(50 * 60 * 2);
    CHECK(at.all<media::MediaLost>().size() == 1);
}

TEST_CASE("before the answer and on hold nobody's silence is told, and it counts from the answer on") {
    StreamStage at;
    auto ringing = at.config();
    ringing.answered = false;
    at.start(ringing);
    at.ticks(50 * 60);
    CHECK(at.all<media::MediaLost>().empty());
    auto hold = at.config();
    hold.direction = media::Direction::inactive;
    at.start(hold);
    at.ticks(50 * 60);
    for (auto const& [sample, final] : at.all<media::QualitySample>()) {
        CHECK_FALSE(sample.one_way_audio);
        CHECK_FALSE(sample.silence);
    }
    at.start();
    at.ticks(1499);
    CHECK(at.all<media::MediaLost>().empty());
    CHECK(at.all<media::QualitySample>().back().sample.silence);
    at.ticks(1);
    CHECK(at.all<media::MediaLost>().size() == 1);
}

TEST_CASE("sender reports go out every 5 s, half more or less, to the RTCP port, and end with BYE") {
    StreamStage at;
    at.start();
    at.talk(50 * 60);
    CHECK(at.rtcp.size() >= 8);
    CHECK(at.rtcp.size() <= 24);
    for (auto const& packet : at.rtcp) {
        CHECK(packet.to == *Address::parse("192.0.2.1", 4001));
        auto const report = media::parse_rtcp(packet.view(), at.ssrc);
        REQUIRE(report);
        CHECK(report->sr_ntp);
        REQUIRE(report->block);
        CHECK(report->block->lost == 0);
        CHECK_FALSE(report->bye);
    }
    at.stream.close(at.clock.steady(), at.actions);
    at.collect();
    CHECK(media::parse_rtcp(at.rtcp.back().view(), at.ssrc)->bye);
}

TEST_CASE("round trip comes from the peer's report; a stranger's report is not believed") {
    StreamStage at;
    at.start();
    at.talk(200);
    REQUIRE_FALSE(at.rtcp.empty());
    auto const ours = *media::parse_rtcp(at.rtcp.back().view(), at.ssrc);
    at.talk(1);   // it may have been sent in the last tick, and no answer comes in no time
    auto const about = our_ssrc(at);
    auto answered = [&](Address from) {
        at.stream.receive_rtcp(peer_report(about, media::middle(*ours.sr_ntp), 0.0), from, at.clock.steady(), at.actions);
    };
    answered(*Address::parse("203.0.113.66", 4001));
    CHECK_FALSE(at.stream.whole().rtt_ms);
    answered(*Address::parse("192.0.2.1", 4001));
    auto const rtt = at.stream.whole().rtt_ms;
    REQUIRE(rtt);
    CHECK(*rtt > 0);
    CHECK(*rtt < 4'000);
    at.talk(400);   // 8 s: reports are at most 7.5 s apart
    auto const next = *media::parse_rtcp(at.rtcp.back().view(), at.ssrc);
    REQUIRE(next.block);
    CHECK(next.block->last_sr == 77u << 16);
    CHECK(next.block->since_last_sr > 0);
}
