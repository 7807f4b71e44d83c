// Two endpoints call each other over loopback: what the calls hear, and what stands on the wire.
#include <doctest/doctest.h>

#include "support/endpoints.hpp"

using namespace boni;
using namespace boni::test;

TEST_CASE("a call is rung, answered and ended by the caller") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    auto const id = alice.call(bob, "offer");
    REQUIRE(bob.called());
    auto const& call = bob.incoming.front();
    CHECK(call.trunk == "loop");
    CHECK(call.called.value == "+911140001234");
    CHECK(call.calling.value == "+919876543210");
    CHECK(call.offer == "offer");
    CHECK(call.source == alice.endpoint.udp());
    bob.endpoint.ring(call.id);
    REQUIRE(alice.heard(id, "180"));
    bob.endpoint.answer(call.id, "answer");
    REQUIRE(alice.heard(id, "answered answer"));
    REQUIRE(bob.heard(call.id, "confirmed"));
    alice.endpoint.hangup(id, Cause::normal);
    REQUIRE(bob.ended(call.id));
    REQUIRE(alice.ended(id));
    CHECK(bob.endings[call.id].cause == Cause::normal);
    CHECK(bob.endings[call.id].by_peer);
    CHECK(alice.ladder(id) == "> INVITE, < 100, < 180, < 200, > ACK, > BYE, < 200");
    CHECK(bob.ladder(call.id) == "< INVITE, > 100, > 180, > 200, < ACK, < BYE, > 200");
}

TEST_CASE("the called side ends the call") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    auto const id = alice.call(bob, "offer");
    REQUIRE(bob.called());
    auto const called = bob.incoming.front().id;
    bob.endpoint.answer(called, "answer");
    REQUIRE(bob.heard(called, "confirmed"));
    bob.endpoint.hangup(called, Cause::busy);
    REQUIRE(alice.ended(id));
    CHECK(alice.endings[id].q850 == 17);
    CHECK(alice.endings[id].by_peer);
    CHECK(bob.ladder(called).ends_with("> BYE, < 200"));
}

TEST_CASE("a rejected call ends with the status and cause it was given") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    auto const id = alice.call(bob, "offer");
    REQUIRE(bob.called());
    bob.endpoint.reject(bob.incoming.front().id, 486, Cause::busy);
    REQUIRE(alice.ended(id));
    CHECK(alice.endings[id].cause == Cause::busy);
    CHECK(alice.endings[id].sip_status == 486);
    REQUIRE(bob.ended(bob.incoming.front().id));
    CHECK(alice.ladder(id) == "> INVITE, < 100, < 486, > ACK");
}

TEST_CASE("a caller who gives up cancels with a Reason") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    auto const id = alice.call(bob, "offer");
    REQUIRE(bob.called());
    auto const called = bob.incoming.front().id;
    bob.endpoint.ring(called);
    REQUIRE(alice.heard(id, "180"));
    alice.endpoint.hangup(id, Cause::normal, "enough");
    REQUIRE(bob.ended(called));
    CHECK(bob.endings[called].cause == Cause::caller_cancelled);
    CHECK(bob.endings[called].text == "enough");
    CHECK(bob.endings[called].q850 == 16);
    REQUIRE(alice.ended(id));
    CHECK(bob.ladder(called) == "< INVITE, > 100, > 180, < CANCEL, > 200, > 487, < ACK");
    CHECK(alice.ladder(id) == "> INVITE, < 100, < 180, > CANCEL, < 200, < 487, > ACK");
}

TEST_CASE("an INVITE without SDP gets our offer in the 200 and answers it in the ACK") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    auto const id = alice.call(bob, "");
    REQUIRE(bob.called());
    auto const& call = bob.incoming.front();
    CHECK_FALSE(call.offer.has_value());
    bob.endpoint.answer(call.id, "our offer");
    REQUIRE(alice.heard(id, "offer our offer"));
    alice.endpoint.answer_offer(id, "their answer");
    REQUIRE(bob.heard(call.id, "answer their answer"));
    REQUIRE(bob.heard(call.id, "confirmed"));
    bob.endpoint.hangup(call.id, Cause::normal);
    REQUIRE(alice.ended(id));
}

TEST_CASE("either side changes the media of a running call") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    auto const id = alice.call(bob, "offer");
    REQUIRE(bob.called());
    auto const called = bob.incoming.front().id;
    bob.endpoint.answer(called, "answer");
    REQUIRE(bob.heard(called, "confirmed"));
    alice.endpoint.reoffer(id, "hold");
    REQUIRE(bob.heard(called, "offer hold"));
    bob.endpoint.answer_offer(called, "held");
    REQUIRE(alice.heard(id, "answer held"));
    bob.endpoint.reoffer(called, "resume");
    REQUIRE(alice.heard(id, "offer resume"));
    alice.endpoint.refuse_offer(id, 488);
    REQUIRE(bob.heard(called, "offer failed 488"));
    alice.endpoint.hangup(id, Cause::normal);
    REQUIRE(bob.ended(called));
}
