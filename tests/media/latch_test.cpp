#include "media/latch.hpp"

#include <doctest/doctest.h>

#include "media/ports.hpp"
#include "support/fake_clock.hpp"

using namespace boni;
using namespace boni::test;
using Verdict = media::Latch::Verdict;

namespace {

Address at(char const* text) { return *Address::parse_host_port(text); }

struct Leg {
    media::Latch latch;
    FakeClock clock;
    Address signalled = at("192.0.2.1:4000"), nat = at("198.51.100.7:9000"), attacker = at("203.0.113.66:6666");
    Leg() { latch.signalled(signalled, clock.steady()); }
    Verdict from(Address source, std::uint32_t ssrc = 1) { return latch.judge(source, ssrc, clock.steady()); }
    void pass(std::chrono::milliseconds time) { clock.advance(time); }
};

}  // namespace

TEST_CASE("for 250 ms after the answer only the signalled address is heard") {
    Leg leg;
    CHECK(leg.from(leg.attacker) == Verdict::refused);
    leg.pass(249ms);
    CHECK(leg.from(leg.nat) == Verdict::refused);
    CHECK(leg.from(leg.signalled) == Verdict::latched);
    CHECK(leg.from(leg.signalled) == Verdict::accepted);
    CHECK(leg.latch.target() == leg.signalled);
}

TEST_CASE("after 250 ms the first source latches, and RTP goes there") {
    Leg leg;
    CHECK(leg.latch.target() == leg.signalled);   // we send first, so that a NAT opens
    leg.pass(250ms);
    CHECK(leg.from(leg.nat) == Verdict::latched);
    CHECK(leg.latch.target() == leg.nat);
    CHECK(leg.latch.only(leg.clock.steady()) == leg.nat);
    CHECK(leg.from(leg.signalled) == Verdict::refused);
}

TEST_CASE("a latched leg cannot be taken over: not by another source, not by its SSRC while the first one speaks") {
    Leg leg;
    CHECK(leg.from(leg.signalled, 7) == Verdict::latched);
    for (auto i = 0; i < 500; ++i) {   // ten seconds beside an attacker who even knows the SSRC
        leg.pass(20ms);
        CHECK(leg.from(leg.attacker, 7) == Verdict::refused);
        CHECK(leg.from(leg.attacker, 8) == Verdict::refused);
        CHECK(leg.from(leg.signalled, 7) == Verdict::accepted);
    }
    CHECK(leg.latch.target() == leg.signalled);
}

TEST_CASE("after 2 s of silence the same SSRC may come from elsewhere, a new one may not") {
    Leg leg;
    leg.from(leg.signalled, 7);
    leg.pass(1999ms);
    CHECK(leg.from(leg.nat, 7) == Verdict::refused);
    CHECK(leg.latch.only(leg.clock.steady()).has_value());
    leg.pass(1ms);
    CHECK_FALSE(leg.latch.only(leg.clock.steady()).has_value());
    CHECK(leg.from(leg.attacker, 8) == Verdict::refused);
    CHECK(leg.from(leg.nat, 7) == Verdict::relatched);
    CHECK(leg.latch.target() == leg.nat);
}

TEST_CASE("a new signalled address opens the leg for its source; until that speaks the old one is heard, the new one sent to") {
    Leg leg;
    leg.from(leg.signalled, 7);
    auto const moved = at("192.0.2.9:5000");
    leg.latch.signalled(moved, leg.clock.steady());
    CHECK(leg.latch.target() == moved);
    CHECK_FALSE(leg.latch.only(leg.clock.steady()).has_value());
    CHECK(leg.from(leg.attacker, 9) == Verdict::refused);
    CHECK(leg.from(leg.signalled, 7) == Verdict::accepted);
    CHECK(leg.from(moved, 9) == Verdict::relatched);
    CHECK(leg.from(leg.signalled, 7) == Verdict::refused);
    leg.latch.signalled(moved, leg.clock.steady());   // a session refresh with the same address changes nothing
    CHECK(leg.latch.only(leg.clock.steady()) == moved);
}

TEST_CASE("a hold that signals nowhere opens nothing, and who comes back from it is where he was") {
    Leg leg;
    leg.pass(250ms);
    leg.from(leg.nat, 7);
    for (auto const elsewhere : {Address{}, at("192.0.2.1:5000")}) {   // c=0.0.0.0; an address nobody came from
        leg.latch.signalled(elsewhere, leg.clock.steady());
        leg.pass(1s);
        if (elsewhere.port == 0) CHECK(leg.from(leg.attacker, 9) == Verdict::refused);
        leg.latch.signalled(leg.signalled, leg.clock.steady());
        CHECK(leg.latch.target() == leg.nat);
        leg.pass(300ms);
        CHECK(leg.from(leg.attacker, 9) == Verdict::refused);
        CHECK(leg.from(leg.nat, 7) == Verdict::accepted);
    }
}

TEST_CASE("RTCP comes from the machine that was signalled or latched") {
    Leg leg;
    CHECK(leg.latch.accepts_rtcp(at("192.0.2.1:4001")));
    CHECK_FALSE(leg.latch.accepts_rtcp(at("198.51.100.7:9001")));
    leg.pass(300ms);
    leg.from(leg.nat);
    CHECK(leg.latch.accepts_rtcp(at("198.51.100.7:12345")));
    CHECK_FALSE(leg.latch.accepts_rtcp(leg.attacker));
}

TEST_CASE("ports are even, random, and rest 5 s between two uses, oldest first") {
    FakeClock clock;
    media::Ports ports{10'001, 10'020};
    std::vector<std::uint16_t> taken;
    while (auto const port = ports.take(clock.steady())) taken.push_back(*port);
    CHECK(taken.size() == 9);   // 10002 to 10018; 10020 has no neighbour in the range
    for (auto const port : taken) CHECK(port % 2 == 0);
    CHECK(ports.in_use() == 9);

    ports.give_back(taken[3], clock.steady());
    clock.advance(1s);
    ports.give_back(taken[1], clock.steady());
    clock.advance(3999ms);
    CHECK_FALSE(ports.take(clock.steady()));
    clock.advance(1ms);
    CHECK(ports.take(clock.steady()) == taken[3]);
    CHECK_FALSE(ports.take(clock.steady()));
    clock.advance(1s);
    CHECK(ports.take(clock.steady()) == taken[1]);
    CHECK(ports.in_use() == 9);
}

TEST_CASE("two pools deal the same range in different orders") {
    FakeClock clock;
    media::Ports one{10'000, 20'000}, two{10'000, 20'000};
    auto same = 0;
    for (auto i = 0; i < 100; ++i) same += one.take(clock.steady()) == two.take(clock.steady());
    CHECK(same < 10);
}
