#include "media/packet.hpp"

#include <vector>

#include <doctest/doctest.h>

#include "media/rtcp.hpp"

using namespace boni;

namespace {

using Octets = std::vector<std::uint8_t>;

Octets packet(std::uint8_t first, std::uint8_t second, Octets rest = {}) {
    Octets out{first, second, 0x12, 0x34, 1, 2, 3, 4, 0xaa, 0xbb, 0xcc, 0xdd};
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

}  // namespace

TEST_CASE("an RTP header is read and written byte for byte") {
    auto const bytes = packet(0x80, 0x88, {7, 8, 9});
    auto const read = media::parse_rtp(bytes);
    REQUIRE(read);
    CHECK(read->header.type == 8);
    CHECK(read->header.marker);
    CHECK(read->header.sequence == 0x1234);
    CHECK(read->header.timestamp == 0x01020304);
    CHECK(read->header.ssrc == 0xaabbccdd);
    CHECK(Octets(read->payload.begin(), read->payload.end()) == Octets{7, 8, 9});
    Octets written(12);
    media::write_rtp(read->header, written);
    CHECK(written == Octets(bytes.begin(), bytes.begin() + 12));
}

TEST_CASE("CSRC list, extension and padding are not payload") {
    struct Case { char const* what; Octets bytes; Octets payload; };
    for (auto const& [what, bytes, payload] : {
             Case{"two CSRCs", packet(0x82, 0, {1, 1, 1, 1, 2, 2, 2, 2, 5}), {5}},
             Case{"an extension of one word", packet(0x90, 0, {0xbe, 0xde, 0, 1, 9, 9, 9, 9, 5}), {5}},
             Case{"three bytes of padding", packet(0xa0, 0, {5, 0, 0, 3}), {5}},
             Case{"no payload", packet(0x80, 0), {}},
         }) {
        CAPTURE(what);
        auto const read = media::parse_rtp(bytes);
        REQUIRE(read);
        CHECK(Octets(read->payload.begin(), read->payload.end()) == payload);
    }
}

TEST_CASE("what contradicts itself is no RTP packet") {
    struct Case { char const* what; Octets bytes; };
    for (auto const& [what, bytes] : {
             Case{"too short", Octets(11, 0x80)}, Case{"version 1", packet(0x40, 0)}, Case{"version 3", packet(0xc0, 0)},
             Case{"CSRCs beyond the end", packet(0x8f, 0, {1, 2, 3, 4})}, Case{"an extension beyond the end", packet(0x90, 0, {0, 0, 0, 9})},
             Case{"half an extension", packet(0x90, 0, {0, 0})}, Case{"padding longer than the payload", packet(0xa0, 0, {1, 9})},
             Case{"padding of zero", packet(0xa0, 0, {1, 0})}, Case{"padding without payload", packet(0xa0, 0)},
             Case{"RTCP on the RTP port", packet(0x80, 200)}, Case{"larger than a frame", packet(0x80, 0, Octets(1500))},
         }) {
        CAPTURE(what);
        CHECK_FALSE(media::parse_rtp(bytes));
    }
}

TEST_CASE("a sender report with everything is read back") {
    media::RtcpOut const out{.ssrc = 11, .sender = media::SenderInfo{.ntp = 0x1122334455667788, .rtp_timestamp = 99, .packets = 5, .octets = 800},
                             .block = media::ReportBlock{.ssrc = 22, .fraction_lost = 64, .lost = -3, .highest = 70'000, .jitter = 17,
                                                         .last_sr = 0x12345678, .since_last_sr = 65'536},
                             .cname = "x@boni", .bye = true};
    Octets bytes(256);
    bytes.resize(media::write_rtcp(out, bytes));
    CHECK(bytes.size() % 4 == 0);
    auto const in = media::parse_rtcp(bytes, 22);
    REQUIRE(in);
    CHECK(in->ssrc == 11);
    CHECK(in->sr_ntp == 0x1122334455667788);
    CHECK(in->bye);
    REQUIRE(in->block);
    CHECK(in->block->lost == -3);
    CHECK(in->block->fraction_lost == 64);
    CHECK(in->block->highest == 70'000);
    CHECK(in->block->last_sr == 0x12345678);
    CHECK_FALSE(media::parse_rtcp(bytes, 23)->block);
    for (auto size = 0uz; size < bytes.size(); ++size) media::parse_rtcp(media::Bytes{bytes}.first(size), 22);   // no truncation reads beyond
    bytes[3] = 200;
    CHECK_FALSE(media::parse_rtcp(bytes, 22));
}

TEST_CASE("round trip is what remains of the time since our report after theirs; without one of ours it is unknown") {
    auto const now = media::Ntp{1000} << 32;
    CHECK_FALSE(media::round_trip_ms({.last_sr = 0}, now));
    // Sent at 999.0 s, held there for 0.9 s, back at 1000.0 s: 100 ms on the way.
    auto const rtt = media::round_trip_ms({.last_sr = 999u << 16, .since_last_sr = 58'982}, now);
    REQUIRE(rtt);
    CHECK(*rtt == doctest::Approx(100).epsilon(0.01));
    CHECK_FALSE(media::round_trip_ms({.last_sr = 999u << 16, .since_last_sr = 2 * 65'536}, now));
}
