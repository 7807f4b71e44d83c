// What sources that no trunk matches may do, and for how long they are remembered (sip.md 3.2, 3.3, 9).
#include <doctest/doctest.h>

#include "sip/strangers.hpp"
#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::sip;
using namespace boni::test;
using Answer = Strangers::Answer;

namespace {

Address at(int number) { return *Address::parse(fmt::format("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255), 5060); }

constexpr Steady start{1h};

/// `times` INVITEs 11 s apart would each be answered; these come as fast as they can.
Answer invites(Strangers& strangers, Address const& source, int times, Steady now) {
    auto last = Answer::silence;
    for (int i = 0; i < times; ++i) last = strangers.answer(source, "INVITE", now);
    return last;
}

}  // namespace

TEST_CASE("a stranger gets one 403 in ten seconds; from the fifth try in a minute on it comes late") {
    Strangers strangers;
    auto now = start;
    CHECK(strangers.answer(at(1), "INVITE", now) == Answer::refuse);
    CHECK(strangers.answer(at(1), "REGISTER", now) == Answer::silence);
    now += 10s;
    CHECK(strangers.answer(at(1), "INVITE", now) == Answer::refuse);
    CHECK(strangers.answer(at(1), "INVITE", now) == Answer::silence);
    now += 10s;
    CHECK(strangers.answer(at(1), "INVITE", now) == Answer::refuse_late);
    CHECK(strangers.answer(at(2), "INVITE", now) == Answer::refuse);   // another source is another story
    now += 1min;
    CHECK(strangers.answer(at(1), "INVITE", now) == Answer::refuse);
}

TEST_CASE("the twentieth try in a minute silences a source for ten minutes, greetings included") {
    Strangers strangers;
    CHECK(invites(strangers, at(1), 19, start) == Answer::silence);
    CHECK(strangers.answer(at(1), "OPTIONS", start) == Answer::greet);
    CHECK(strangers.answer(at(1), "INVITE", start + 59s) == Answer::silence);
    CHECK(strangers.answer(at(1), "OPTIONS", start + 5min) == Answer::silence);
    CHECK(strangers.answer(at(1), "OPTIONS", start + 10min + 58s) == Answer::silence);
    CHECK(strangers.answer(at(1), "OPTIONS", start + 11min) == Answer::greet);
    CHECK(strangers.answer(at(1), "INVITE", start + 11min) == Answer::refuse);
}

TEST_CASE("nineteen tries a minute for an hour are no reason for a ban") {
    Strangers strangers;
    for (auto minute = 0min; minute < 60min; ++minute) invites(strangers, at(1), 19, start + minute);
    CHECK(strangers.answer(at(1), "OPTIONS", start + 1h) == Answer::greet);
}

TEST_CASE("ten thousand sources are remembered, who is silent is forgotten, who is banned is not") {
    Strangers strangers;
    invites(strangers, at(0), 20, start);
    for (int source = 1; source < int(Strangers::sources_max); ++source) CHECK(strangers.answer(at(source), "INVITE", start) == Answer::refuse);
    CHECK(strangers.answer(at(1 << 20), "INVITE", start) == Answer::silence);           // no room
    CHECK(strangers.answer(at(1 << 20), "INVITE", start + 61s) == Answer::refuse);      // the others are forgotten
    CHECK(strangers.answer(at(0), "OPTIONS", start + 62s) == Answer::silence);          // not the banned one
}

TEST_CASE("a late 403 arrives a second after its INVITE") {
    Loop loop;
    Phone phone{loop, {}, {}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    auto const invite = [&](int number) {
        peer.send(to, peer.request({.to = to, .call_id = fmt::format("c{}", number), .branch = fmt::format("z9hG4bK{}", number)}));
    };
    invite(1);
    peer.expect("403");
    for (int number = 2; number < 6; ++number) invite(number);
    auto const patient = std::chrono::steady_clock::now() + 11s;
    loop.until([&] { return std::chrono::steady_clock::now() >= patient; }, 12s);
    CHECK(peer.received.empty());
    auto const asked = std::chrono::steady_clock::now();
    invite(6);
    CHECK(field(peer.expect("403"), "Call-ID") == "c6");
    auto const took = std::chrono::steady_clock::now() - asked;
    CHECK(took >= 990ms);
    CHECK(took < 3s);
    invite(7);   // waits for its answer when the endpoint ends
}

TEST_CASE("a banned address keeps its live call, and its trunk lets it in again") {
    Loop loop;
    auto const trunk = loopback_trunk();
    Phone phone{loop, {}, {trunk}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    auto const invite = [&](std::string const& call) { peer.send(to, peer.request({.to = to, .call_id = call, .branch = "z9hG4bK" + call, .body = "offer"})); };
    invite("live");
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.answer(id, "answer");
    auto const tag = tag_of(field(peer.expect("200"), "To"));
    auto const within = [&](std::string const& method, int cseq) {
        peer.send(to, peer.request({.to = to, .method = method, .call_id = "live", .branch = "z9hG4bK" + method, .to_tag = tag, .cseq = cseq}));
    };
    within("ACK", 1);
    REQUIRE(phone.heard(id, "confirmed"));
    phone.endpoint.set_trunks({});   // the operator took the trunk away: its address is a stranger's, once the SIP thread has heard of it
    auto refused = false;
    for (int tries = 0; !refused && tries < 50; ++tries) {
        invite(fmt::format("s{}", tries));
        refused = loop.until([&] { return peer.pending("403"); }, 100ms);
    }
    REQUIRE(refused);
    for (int i = 0; i < 25; ++i) invite(fmt::format("t{}", i));
    peer.send(to, peer.request({.to = to, .method = "OPTIONS", .call_id = "banned", .branch = "z9hG4bKbanned"}));
    within("INFO", 2);
    CHECK(field(peer.expect("200"), "CSeq") == "2 INFO");
    CHECK_FALSE(peer.pending("200"));   // of OPTIONS
    phone.endpoint.set_trunks({trunk});
    auto const known = phone.incoming.size();
    for (int tries = 0; phone.incoming.size() == known && tries < 50; ++tries) {   // as a phone sends again what got no answer
        invite("again");
        loop.until([&] { return phone.incoming.size() > known; }, 100ms);
    }
    CHECK(phone.incoming.size() == known + 1);
}

TEST_CASE("challenges are twenty a minute, none for who is banned, and freely given to who has proved himself") {
    Strangers strangers;
    auto const given = [&](Address const& source, Steady now) {
        auto count = 0;
        for (int i = 0; i < 45; ++i) count += strangers.may_challenge(source, now) ? 1 : 0;
        return count;
    };
    CHECK(given(at(1), start) == 20);
    CHECK(given(at(1), start + 1min) == 20);
    invites(strangers, at(2), 20, start);
    CHECK(given(at(2), start) == 0);
    CHECK(strangers.banned(at(2), start + 9min));
    CHECK_FALSE(strangers.banned(at(2), start + 11min));
    strangers.proved(at(3), start);
    CHECK(given(at(3), start) == 45);
    CHECK(given(at(3), start + 25h) == 20);
}

TEST_CASE("good credentials take back what failed before them") {
    Strangers strangers;
    invites(strangers, at(1), 19, start);
    strangers.proved(at(1), start);
    CHECK(invites(strangers, at(1), 19, start) == Answer::silence);
    CHECK(strangers.may_challenge(at(1), start));      // not banned
}
