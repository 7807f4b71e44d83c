// Many calls at once: each is rung in time, and none is mixed up with another.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

/// INVITE read until 180 sent, of every call that has ended.
std::vector<std::chrono::microseconds> ringing_times(Phone const& phone) {
    std::vector<std::chrono::microseconds> times;
    for (auto const& [id, messages] : phone.ladders) {
        auto const ringing = std::ranges::find_if(messages, [](auto const& one) { return one.text.starts_with("SIP/2.0 180"); });
        if (ringing != messages.end()) times.push_back(ringing->at - messages.front().at);
    }
    std::ranges::sort(times);
    return times;
}

}  // namespace

TEST_CASE("with a hundred calls up a new one rings within ten milliseconds") {
    constexpr std::size_t live = 100, more = 40;
    Loop loop;
    Phone alice{loop}, bob{loop};
    bob.when_called = [&](SessionId id) {
        bob.endpoint.ring(id);
        if (bob.incoming.size() <= live) bob.endpoint.answer(id, "answer to " + bob.incoming.back().offer.value());
    };
    std::vector<SessionId> calls;
    for (std::size_t i = 0; i < live; ++i) calls.push_back(alice.call(bob, fmt::format("offer {}", i)));
    for (std::size_t i = 0; i < live; ++i) REQUIRE(alice.heard(calls[i], fmt::format("answered answer to offer {}", i)));
    for (std::size_t i = 0; i < more; ++i) {
        auto const id = alice.call(bob, "offer");
        REQUIRE(alice.heard(id, "180"));
        alice.endpoint.hangup(id, Cause::normal);
    }
    REQUIRE(loop.until([&] { return bob.ladders.size() == more; }));
    auto const times = ringing_times(bob);
    REQUIRE(times.size() == more);
    MESSAGE("INVITE to 180: median " << times[more / 2].count() << " us, worst " << times.back().count() << " us");
    CHECK(times[more / 2] < 10ms);
    for (auto const id : calls) alice.endpoint.hangup(id, Cause::normal);
    REQUIRE(loop.until([&] { return alice.ladders.size() == live + more && bob.ladders.size() == live + more; }));
    CHECK(bob.endpoint.trunks().front().calls_in == 0);
    auto const all = ringing_times(bob);
    MESSAGE("of a hundred at once the slowest rang after " << all.back().count() << " us");
}
