// What libre leaves to us, seen from the wire: repeated 2xx and ACK, forks, CANCEL and its races, reliable ringing, what travels in a message.
#include <doctest/doctest.h>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

EndpointConfig quick() { return {.times = {.t1 = 20ms, .t2 = 80ms}}; }

}  // namespace

TEST_CASE("a 200 is repeated until its ACK, and without one the call ends") {
    Loop loop;
    Phone phone{loop, quick()};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .body = "offer"}));
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.answer(id, "answer");
    auto const first = peer.expect("200");
    CHECK(peer.expect("200") == first);
    CHECK(peer.expect("200") == first);
    auto const bye = peer.expect("BYE");
    CHECK(field(bye, "Reason").starts_with("Q.850;cause=102"));
    peer.answer(bye, 200);
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].cause == Cause::no_ack);
}

TEST_CASE("an endpoint that is to stop says goodbye until it is heard, and tells the ladder first") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const id = answered_call(phone, peer).id;
    REQUIRE(phone.heard(id, "confirmed"));
    auto const settle = [&](std::chrono::milliseconds limit) {
        auto const settled = std::make_shared<bool>(false);
        spawn(loop.io.get_executor(), "test", [](Endpoint& endpoint, std::chrono::milliseconds until, std::shared_ptr<bool> done) -> Task<> {
            co_await endpoint.settle(until);
            *done = true;
        }(phone.endpoint, limit, settled));
        return settled;
    };
    auto const in_vain = settle(100ms);                  // a call goes on: the limit ends it
    CHECK(loop.until([&] { return *in_vain; }));
    CHECK(phone.ladders.empty());
    phone.endpoint.hangup(id, Cause::draining);
    auto const settled = settle(10s);
    auto const lost = peer.expect("BYE");
    CHECK(field(lost, "Reason").starts_with("Q.850;cause=42"));
    auto const again = peer.expect("BYE");
    CHECK(!*settled);
    peer.answer(again, 200);
    CHECK(loop.until([&] { return *settled; }, 5s));
    CHECK(phone.ladders.contains(id));
    CHECK(phone.ladder(id).ends_with("> BYE, > BYE, < 200"));
}

TEST_CASE("an INVITE that comes again gets its last answer, not a second call") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    auto const invite = peer.request({.to = to, .body = "offer"});
    peer.send(to, invite);
    peer.expect("100");
    peer.send(to, invite);
    peer.expect("100");
    REQUIRE(phone.called());
    phone.endpoint.ring(phone.incoming.front().id);
    peer.expect("180");
    peer.send(to, invite);
    peer.expect("180");
    CHECK(phone.incoming.size() == 1);
}

TEST_CASE("a repeated 200 gets the same ACK again") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const id = phone.dial(dial_to(peer));
    auto const invite = peer.expect("INVITE");
    peer.answer(invite, 200, {.body = "answer"});
    auto const ack = peer.expect("ACK");
    CHECK(field(ack, "CSeq") == field(invite, "CSeq").substr(0, field(invite, "CSeq").find(' ')) + " ACK");
    peer.answer(invite, 200, {.body = "answer"});
    auto const again = peer.expect("ACK");
    CHECK(field(again, "CSeq") == field(ack, "CSeq"));
    CHECK(field(again, "To") == field(ack, "To"));
    CHECK(phone.told[id].size() == 1);
}

TEST_CASE("of two forks that answer the first carries the call, the other is acknowledged and ended") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const id = phone.dial(dial_to(peer));
    auto const invite = peer.expect("INVITE");
    peer.answer(invite, 180, {.tag = "a"});
    peer.answer(invite, 183, {.tag = "b", .body = "early"});
    REQUIRE(phone.heard(id, "183 early"));
    peer.answer(invite, 200, {.tag = "b", .body = "answer b"});
    CHECK(tag_of(field(peer.expect("ACK"), "To")) == "b");
    peer.answer(invite, 200, {.tag = "a", .body = "answer a"});
    CHECK(tag_of(field(peer.expect("ACK"), "To")) == "a");
    auto const bye = peer.expect("BYE");
    CHECK(tag_of(field(bye, "To")) == "a");
    peer.answer(bye, 200);
    REQUIRE(phone.heard(id, "answered answer b"));
    CHECK_FALSE(phone.endings.contains(id));
}

TEST_CASE("a CANCEL waits for the first provisional response and is repeated until it is answered") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const id = phone.dial(dial_to(peer));
    auto const invite = peer.expect("INVITE");
    phone.endpoint.hangup(id, Cause::no_answer);
    REQUIRE(phone.ended(id));
    CHECK_FALSE(peer.pending("CANCEL"));
    peer.answer(invite, 100);
    auto const cancel = peer.expect("CANCEL");
    CHECK(field(cancel, "Via") == field(invite, "Via"));
    CHECK(field(cancel, "CSeq") == field(invite, "CSeq").substr(0, field(invite, "CSeq").find(' ')) + " CANCEL");
    CHECK(field(cancel, "Reason").starts_with("Q.850;cause=19"));
    CHECK(peer.expect("CANCEL") == cancel);
    peer.answer(cancel, 200);
    peer.answer(invite, 487);
    CHECK(tag_of(field(peer.expect("ACK"), "To")) == "peer");
}

TEST_CASE("a 200 that crosses our CANCEL is acknowledged and ended") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const id = phone.dial(dial_to(peer));
    auto const invite = peer.expect("INVITE");
    peer.answer(invite, 180);
    REQUIRE(phone.heard(id, "180"));
    phone.endpoint.hangup(id, Cause::normal);
    auto const cancel = peer.expect("CANCEL");
    peer.answer(invite, 200, {.body = "answer"});
    peer.expect("ACK");
    peer.answer(cancel, 200);
    peer.answer(peer.expect("BYE"), 200);
    CHECK(phone.ladder(id) == "> INVITE, < 180, > CANCEL, < 200, > ACK, > BYE, < 200, < 200");
}

TEST_CASE("digits by INFO reach the call, REFER is declined, an unknown method is named") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    auto const [id, tag] = answered_call(phone, peer);
    auto info = peer.request({.to = to, .method = "INFO", .branch = "z9hG4bKinfo", .to_tag = tag, .cseq = 2, .body = "Signal=5\r\nDuration=160\r\n"});
    info.replace(info.find("application/sdp"), 15, "application/dtmf-relay");
    peer.send(to, info);
    peer.expect("200");
    REQUIRE(phone.heard(id, "digit 5 160"));
    peer.send(to, info);   // lost answer: absorbed, answered again, no second digit
    peer.expect("200");
    peer.send(to, peer.request({.to = to, .method = "REFER", .branch = "z9hG4bKrefer", .to_tag = tag, .cseq = 3,
                                .extra = "Refer-To: <sip:x@y>\r\n"}));
    peer.expect("603");
    peer.send(to, peer.request({.to = to, .method = "MESSAGE", .branch = "z9hG4bKmessage", .to_tag = tag, .cseq = 4}));
    peer.expect("405");
    CHECK(std::ranges::count(phone.told[id], "digit 5 160") == 1);
}

TEST_CASE("a datagram of almost 64 KiB is read whole") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .extra = "X-Long: " + std::string(60'000, 'a') + "\r\nX-Last: 1\r\n", .body = "offer"}));
    REQUIRE(phone.called());
    CHECK(phone.incoming.front().x_headers.back().first == "X-Last");
    CHECK(phone.incoming.front().offer == "offer");
}

TEST_CASE("REFER is in Allow where the trunk knows it") {
    for (auto const knows : {false, true}) {
        Loop loop;
        auto trunk = loopback_trunk();
        trunk.refer = knows;
        Phone phone{loop, {}, {trunk}};
        SipPeer peer{loop};
        auto const to = phone.endpoint.udp();
        peer.send(to, peer.request({.to = to, .method = "OPTIONS", .branch = "z9hG4bKoptions"}));
        CHECK((field(peer.expect("200"), "Allow").find("REFER") != std::string::npos) == knows);
        peer.send(to, peer.request({.to = to, .body = "offer"}));
        REQUIRE(phone.called());
        phone.endpoint.ring(phone.incoming.front().id);
        CHECK((field(peer.expect("180"), "Allow").find("REFER") != std::string::npos) == knows);
    }
}

TEST_CASE("a peer that requires 100rel gets its ringing reliably and acknowledges it") {
    Loop loop;
    Phone phone{loop, quick()};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .extra = "Require: 100rel\r\n", .body = "offer"}));
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.ring(id);
    auto const ringing = peer.expect("180");
    CHECK(peer.expect("180") == ringing);
    auto const tag = tag_of(field(ringing, "To"));
    peer.send(to, peer.request({.to = to, .method = "PRACK", .branch = "z9hG4bKprack", .to_tag = tag, .cseq = 2,
                                .extra = "RAck: " + field(ringing, "RSeq") + " 1 INVITE\r\n"}));
    CHECK(field(peer.expect("200"), "CSeq") == "2 PRACK");
    phone.endpoint.answer(id, "answer");
    CHECK(field(peer.expect("200"), "CSeq") == "1 INVITE");
}

TEST_CASE("a caller acknowledges reliable ringing") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const id = phone.dial(dial_to(peer));
    auto const invite = peer.expect("INVITE");
    peer.answer(invite, 183, {.extra = "Require: 100rel\r\nRSeq: 77\r\n", .body = "early answer"});
    auto const prack = peer.expect("PRACK");
    auto const cseq = field(invite, "CSeq");
    CHECK(field(prack, "RAck") == "77 " + cseq);
    CHECK(std::stoi(field(prack, "CSeq")) == std::stoi(cseq) + 1);
    peer.answer(prack, 200);
    REQUIRE(phone.heard(id, "183 early answer"));
}

TEST_CASE("our own call that comes back is a loop") {
    Loop loop;
    Phone phone{loop};
    auto const id = phone.call(phone, "offer");
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].sip_status == 482);
    CHECK(phone.incoming.empty());
}

TEST_CASE("extra headers travel, but none that would end its line") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto good = dial_to(peer);
    good.headers = {{"X-Call", "abc"}};
    good.from_display = "Asha \"A\" Rao";
    phone.dial(std::move(good));
    auto const invite = peer.expect("INVITE");
    CHECK(field(invite, "X-Call") == "abc");
    CHECK(field(invite, "From").starts_with("\"Asha \\\"A\\\" Rao\" <sip:+919876543210@127.0.0.1>;tag="));
    CHECK(field(invite, "Contact").starts_with("<sip:+919876543210@127.0.0.1:"));
    auto bad = dial_to(peer);
    bad.headers = {{"X-Call", "abc\r\nRoute: <sip:evil>"}};
    auto const id = phone.dial(std::move(bad));
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].cause == Cause::invalid_number);
}
