// Who is let in, and what the others learn: nothing.
#include <doctest/doctest.h>

#include "base/utf8.hpp"
#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

/// Everything sent before it has been handled when its answer is here.
void settle(SipPeer& peer, Phone& phone, std::string const& branch) {
    peer.send(phone.endpoint.udp(), peer.request({.to = phone.endpoint.udp(), .method = "OPTIONS", .call_id = branch, .branch = "z9hG4bK" + branch}));
    peer.expect("200");
}

void send_invite(SipPeer& peer, Address const& to, std::string const& call) {
    peer.send(to, peer.request({.to = to, .call_id = call, .branch = "z9hG4bK" + call, .body = "offer"}));
}

}  // namespace

TEST_CASE("without a trunk nobody gets in: one 403, then silence") {
    Loop loop;
    Phone phone{loop, {}, {}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to}));
    auto const refused = peer.expect("403");
    CHECK(field(refused, "Allow").empty());
    CHECK(field(refused, "Server").empty());
    for (int i = 0; i < 5; ++i) peer.send(to, peer.request({.to = to, .call_id = fmt::format("c{}", i), .branch = fmt::format("z9hG4bK{}", i)}));
    peer.send(to, peer.request({.to = to, .method = "REGISTER", .call_id = "r", .branch = "z9hG4bKr"}));
    peer.send(to, peer.request({.to = to, .method = "MESSAGE", .call_id = "m", .branch = "z9hG4bKm"}));
    settle(peer, phone, "options");
    CHECK(peer.received.empty());
    CHECK(phone.incoming.empty());
}

TEST_CASE("OPTIONS of a stranger gets a bare 200, of a trunk our methods") {
    Loop loop;
    Phone closed{loop, {}, {}}, open{loop};
    SipPeer peer{loop};
    peer.send(closed.endpoint.udp(), peer.request({.to = closed.endpoint.udp(), .method = "OPTIONS"}));
    auto const bare = peer.expect("200");
    CHECK(field(bare, "Allow").empty());
    CHECK(field(bare, "Supported").empty());
    peer.send(open.endpoint.udp(), peer.request({.to = open.endpoint.udp(), .method = "OPTIONS"}));
    auto const full = peer.expect("200");
    CHECK(field(full, "Allow").find("PRACK") != std::string::npos);
    CHECK(field(full, "Supported") == "100rel, timer");
}

TEST_CASE("while draining, INVITE and OPTIONS get 503 and running calls go on") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    SipPeer peer{loop};
    auto const id = alice.call(bob, "offer");
    REQUIRE(bob.called());
    bob.endpoint.answer(bob.incoming.front().id, "answer");
    REQUIRE(alice.heard(id, "answered answer"));
    bob.endpoint.drain();
    bob.endpoint.trunks();   // the SIP thread has seen it
    auto const to = bob.endpoint.udp();
    for (std::string const method : {"INVITE", "OPTIONS"}) {
        peer.send(to, peer.request({.to = to, .method = method, .call_id = method, .branch = "z9hG4bK" + method}));
        auto const refused = peer.expect("503");
        auto const seconds = std::stoi(field(refused, "Retry-After"));
        CHECK(seconds >= 2);
        CHECK(seconds <= 10);
    }
    alice.endpoint.reoffer(id, "hold");
    REQUIRE(bob.heard(bob.incoming.front().id, "offer hold"));
}

TEST_CASE("a full node answers 503") {
    Loop loop;
    Phone phone{loop, {.sessions_max = 1}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .body = "offer"}));
    peer.expect("100");
    peer.send(to, peer.request({.to = to, .call_id = "second", .branch = "z9hG4bKsecond"}));
    CHECK(field(peer.expect("503"), "Reason") == "Q.850;cause=42");
}

TEST_CASE("while nobody takes calls up, further ones get 503; afterwards they are let in again") {
    Loop loop;
    Phone phone{loop, {.patience = 20ms}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    auto const invite = [&](std::string const& call) { send_invite(peer, to, call); };
    invite("waits");
    peer.expect("100");
    REQUIRE(phone.called());
    std::string answer;
    for (int i = 0; !answer.starts_with("SIP/2.0 503"); ++i) {
        REQUIRE(i < 1000);
        invite(fmt::format("more{}", i));
        answer = peer.expect("");
    }
    CHECK(field(answer, "Reason") == "Q.850;cause=42");
    CHECK(!field(answer, "Retry-After").empty());
    for (auto const& call : phone.incoming) phone.endpoint.ring(call.id);
    phone.endpoint.trunks();   // the SIP thread has seen it
    invite("after");
    for (answer.clear(); field(answer, "Call-ID") != "after";) answer = peer.expect("");
    CHECK(answer.starts_with("SIP/2.0 100"));
}

TEST_CASE("a trunk at its channels or its pace is refused, others are not") {
    Loop loop;
    auto narrow = loopback_trunk("narrow");
    narrow.in = {.channels = 1, .cps = 2};
    Phone phone{loop, {}, {narrow}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    auto const invite = [&](std::string const& call) { send_invite(peer, to, call); };
    invite("one");
    peer.expect("100");
    REQUIRE(phone.called());
    CHECK(phone.endpoint.trunks().front().calls_in == 1);
    invite("two");
    CHECK(field(peer.expect("503"), "Reason") == "Q.850;cause=34");
    phone.endpoint.reject(phone.incoming.front().id, 486, Cause::busy);
    peer.expect("486");
    CHECK(phone.endpoint.trunks().front().calls_in == 0);
    invite("three");   // the second within the second; the one refused for its channel cost nothing
    peer.expect("100");
    REQUIRE(phone.called(2));
    phone.endpoint.reject(phone.incoming.back().id, 486, Cause::busy);
    peer.expect("486");
    invite("four");
    CHECK(field(peer.expect("503"), "Reason") == "Q.850;cause=42");
}

TEST_CASE("what belongs to no dialog and what nobody serves is told so") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .method = "BYE", .to_tag = "unknown"}));
    peer.expect("481");
    peer.send(to, peer.request({.to = to, .method = "CANCEL", .branch = "z9hG4bKnone"}));
    peer.expect("481");
    peer.send(to, peer.request({.to = to, .method = "MESSAGE", .branch = "z9hG4bKmessage"}));
    CHECK(field(peer.expect("405"), "Allow").starts_with("INVITE, ACK"));
    peer.send(to, peer.request({.to = to, .branch = "z9hG4bKnocontact", .contact = "none"}));
    peer.expect("400");
    peer.send(to, peer.request({.to = to, .call_id = "hops", .branch = "z9hG4bKhops", .max_forwards = "0"}));
    peer.expect("483");
    peer.send(to, peer.request({.to = to, .call_id = "tag", .branch = "z9hG4bKtag", .extra = "Require: antigravity\r\n"}));
    CHECK(field(peer.expect("420"), "Unsupported") == "antigravity");
    settle(peer, phone, "end");
    CHECK(phone.incoming.empty());
    peer.send(to, peer.request({.to = to, .call_id = "rings", .branch = "z9hG4bKrings", .body = "offer"}));
    REQUIRE(phone.called());
    phone.endpoint.ring(phone.incoming.front().id);
    auto const tag = tag_of(field(peer.expect("180"), "To"));
    peer.send(to, peer.request({.to = to, .method = "CANCEL", .call_id = "rings", .branch = "z9hG4bKother", .to_tag = tag}));
    peer.expect("481");
    CHECK_FALSE(phone.endings.contains(phone.incoming.front().id));
}

TEST_CASE("what cannot be read is not answered and hurts nobody") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, "garbage\r\n\r\n");
    peer.send(to, "INVITE sip:a@b SIP/2.0\r\n\r\n");
    peer.send(to, "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n"
                  "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\n\r\n");
    auto long_body = peer.request({.to = to, .body = "offer"});
    long_body.replace(long_body.find("Content-Length: 5"), 17, "Content-Length: 9");
    peer.send(to, long_body);
    peer.expect("400");
    settle(peer, phone, "end");
    CHECK(peer.received.empty());
}

TEST_CASE("the call knows who called, by whom it was diverted and what the carrier added") {
    Loop loop;
    auto trunk = loopback_trunk();
    trunk.test = true;
    trunk.codecs = {"PCMU"};
    trunk.early_media = false;
    trunk.media_timeout = 7s;
    trunk.public_address = "203.0.113.5";
    trunk.dids = {"+911140001234"};
    Phone phone{loop, {}, {trunk}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .user = "01140001234",
                                .extra = "P-Asserted-Identity: \"Asha\" <sip:+919811112222@carrier>\r\nX-Circle: Delhi\r\n"
                                         "Diversion: <sip:1800@carrier>;reason=unconditional\r\nX-Empty:\r\n"}));
    REQUIRE(phone.called());
    auto const& call = phone.incoming.front();
    CHECK(call.test_trunk);
    CHECK(call.codecs == std::vector<std::string>{"PCMU"});
    CHECK_FALSE(call.early_media);
    CHECK(call.media_timeout == 7s);
    CHECK(call.public_address == "203.0.113.5");
    CHECK(call.called.value == "+911140001234");
    CHECK(call.called.raw == "01140001234");
    CHECK(call.calling.value == "+919811112222");
    CHECK(call.calling.display_name == "Asha");
    CHECK(call.asserted_identity == "+919811112222");
    REQUIRE(call.diversions.size() == 1);
    CHECK(call.diversions.front().raw == "<sip:1800@carrier>;reason=unconditional");
    CHECK(call.diversions.front().party.value == "1800");
    CHECK(call.diversions.front().reason == "unconditional");
    REQUIRE(call.x_headers.size() == 2);
    CHECK(call.x_headers.front() == std::pair<std::string, std::string>{"X-Circle", "Delhi"});
    CHECK(call.did_candidates.front() == "+911140001234");
    CHECK_FALSE(call.offer.has_value());
}

TEST_CASE("a carrier that asserts nothing tells the caller in Remote-Party-ID and the diversion in History-Info") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .user = "01140001234",
                                .extra = "Remote-Party-ID: <sip:01140001234@carrier>;party=called\r\n"
                                         "Remote-Party-ID: \"Asha\" <sip:9811112222@carrier>;party=calling\r\n"
                                         "History-Info: <sip:+918040000009@carrier>;index=1\r\n"
                                         "History-Info: <sip:+911140001234@us;cause=302>;index=1.1;mp=1\r\n"}));
    REQUIRE(phone.called());
    auto const& call = phone.incoming.front();
    CHECK(call.calling.value == "+919811112222");
    CHECK(call.calling.display_name == "Asha");
    CHECK(call.asserted_identity.empty());
    CHECK(call.remote_party.contains("party=called, \"Asha\""));
    REQUIRE(call.diversions.size() == 1);
    CHECK(call.diversions.front().party.value == "+918040000009");
}

TEST_CASE("what a caller writes that is no UTF-8 is told as UTF-8") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .user = "caf%E9", .extra = "P-Asserted-Identity: \"Ren\xE9\" <sip:ren\xE9@carrier>\r\nX-Place: Orl\xE9\x61ns\r\n"
                                                                    "Diversion: <sip:1800@carrier>;reason=\"\xFF\"\r\n"}));
    REQUIRE(phone.called());
    auto const& call = phone.incoming.front();
    for (auto const& text : {call.called.value, call.called.raw, call.calling.value, call.calling.raw, call.calling.display_name,
                             call.asserted_identity,
                             call.diversions.at(0).raw, call.diversions.at(0).reason, call.x_headers.at(0).second})
        CHECK_MESSAGE(is_utf8(text), text);
    CHECK(call.calling.display_name == "Ren\uFFFD");
}

TEST_CASE("a call without an offer is heard before its answer only where the 183 that offers is reliable") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    std::map<std::string, bool> reliable;
    auto const early = [&](std::string const& call, std::string const& extra, std::string const& body) {
        peer.send(to, peer.request({.to = to, .call_id = call, .branch = "z9hG4bK" + call, .extra = extra, .body = body}));
        auto const before = phone.incoming.size();
        REQUIRE(phone.called(before + 1));
        reliable[call] = phone.incoming.back().reliable;
        return phone.incoming.back().early_media;
    };
    CHECK(early("offer", "", "offer"));
    CHECK_FALSE(early("none", "", ""));
    CHECK_FALSE(early("able", "Supported: 100rel\r\n", ""));
    CHECK(early("reliable", "Require: 100rel\r\n", ""));
    CHECK(reliable == std::map<std::string, bool>{{"offer", false}, {"none", false}, {"able", false}, {"reliable", true}});
}
