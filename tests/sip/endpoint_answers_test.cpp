// Where answers go and what they carry: Via, tags, size; and whom we could not call back (RFC 3261 8.2, 18.2, RFC 3581).
#include <doctest/doctest.h>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::sip;
using namespace boni::test;

namespace {

std::string with_text_replaced(std::string text, std::string_view from, std::string_view by) {
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), by);
}

}  // namespace

TEST_CASE("what is repeated without a transaction gets the very same answer") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const options = peer.request({.to = phone.endpoint.udp(), .method = "OPTIONS"});
    auto const other = peer.request({.to = phone.endpoint.udp(), .method = "OPTIONS", .branch = "z9hG4bKpeer2"});
    std::vector<std::string> answers;
    for (auto const& one : {options, options, other}) {
        peer.send(phone.endpoint.udp(), one);
        answers.push_back(peer.expect("200"));
    }
    CHECK(answers[0] == answers[1]);
    CHECK(tag_of(field(answers[0], "To")) != tag_of(field(answers[2], "To")));
}

TEST_CASE("without rport an answer goes to the port of the Via, with and without a transaction") {
    Loop loop;
    Phone phone{loop};
    SipPeer sends{loop}, named{loop};
    phone.when_called = [&](SessionId id) { phone.endpoint.reject(id, 404, Cause::unallocated); };
    for (auto const* const method : {"OPTIONS", "INVITE"}) {
        auto request = sends.request({.to = phone.endpoint.udp(), .method = method, .body = "offer"});
        request = with_text_replaced(std::move(request), sends.address().text() + ";branch", named.address().text() + ";branch");
        sends.send(phone.endpoint.udp(), with_text_replaced(std::move(request), ";rport", ""));
        named.expect(method[0] == 'O' ? "200" : "404");
    }
    CHECK(sends.received.empty());
}

TEST_CASE("received is where the request came from, whatever the peer wrote there") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const options = peer.request({.to = phone.endpoint.udp(), .method = "OPTIONS"});
    for (auto const* const written : {";received=192.0.2.1;rport", ";rport=9;received=192.0.2.1;alias", ";received;rport"}) {
        peer.send(phone.endpoint.udp(), with_text_replaced(options, ";rport", written));
        auto const via = field(peer.expect("200"), "Via");
        CHECK(via.find("192.0.2.1") == std::string::npos);
        CHECK(via.ends_with(fmt::format(";rport={};received=127.0.0.1", peer.address().port)));
        CHECK(via.find("received") == via.rfind("received"));
    }
}

TEST_CASE("a stranger's datagram gets no answer longer than twice itself") {
    Trunk pbx;
    pbx.name = "pbx";
    pbx.kind = TrunkKind::digest;
    pbx.health_every = 0s;
    pbx.auth = Login{"office", Secret{"open sesame"}, {}};
    Loop loop;
    Phone phone{loop, {}, {pbx}};
    SipPeer peer{loop};
    auto const via = fmt::format("Via: SIP/2.0/UDP {};branch=z9hG4bKshort;rport\r\n", peer.address().text());
    peer.send(phone.endpoint.udp(), "INVITE sip:1@a SIP/2.0\r\n" + via + "From: <sip:a@b>;tag=1\r\nTo: <sip:1@a>\r\nCall-ID: s\r\nCSeq: 1 INVITE\r\n\r\n");
    auto const invite = peer.request({.to = phone.endpoint.udp(), .body = "offer"});
    peer.send(phone.endpoint.udp(), invite);
    auto const challenge = peer.expect("401");
    CHECK(challenge.size() <= 2 * invite.size());
    CHECK(field(challenge, "Call-ID") == "peer-call");
    CHECK(peer.received.empty());
}

TEST_CASE("who could not be called back is refused") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto call = 0;
    for (auto const* const contact : {"<tel:+919876543210>", "<mailto:a@b>", "*", "none"}) {
        peer.send(phone.endpoint.udp(), peer.request({.to = phone.endpoint.udp(), .branch = fmt::format("z9hG4bK{}", ++call), .body = "offer",
                                                      .contact = contact}));
        peer.expect("400");
    }
    CHECK(phone.incoming.empty());
}

TEST_CASE("a Contact over a transport or in an address family we do not have is reached where its messages come from") {
    for (std::string const uri : {"sip:peer@127.0.0.1:9;transport=sctp", "sip:peer@[2001:db8::9]:5060"}) {
        CAPTURE(uri);
        Loop loop;
        Phone phone{loop};
        SipPeer peer{loop};
        auto const to = phone.endpoint.udp();
        peer.send(to, peer.request({.to = to, .body = "offer", .contact = '<' + uri + '>'}));
        REQUIRE(phone.called());
        auto const id = phone.incoming.front().id;
        phone.endpoint.answer(id, "answer");
        auto const tag = tag_of(field(peer.expect("200"), "To"));
        peer.send(to, peer.request({.to = to, .method = "ACK", .branch = "z9hG4bKack", .to_tag = tag}));
        REQUIRE(phone.heard(id, "confirmed"));
        phone.endpoint.hangup(id, Cause::normal);
        auto const bye = peer.expect("BYE");
        CHECK(bye.starts_with("BYE " + uri + " SIP/2.0"));
        peer.answer(bye, 200);
        CHECK(phone.ended(id));
    }
}

TEST_CASE("a body in an encoding is refused with the one we read, in either spelling of its header") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    for (auto const* const header : {"Content-Encoding: gzip\r\n", "e: gzip\r\n"}) {
        peer.send(phone.endpoint.udp(), peer.request({.to = phone.endpoint.udp(), .branch = fmt::format("z9hG4bK{}", header[0]), .extra = header,
                                                      .body = "offer"}));
        CHECK(field(peer.expect("415"), "Accept-Encoding") == "identity");
    }
    CHECK(phone.incoming.empty());
}

TEST_CASE("a 488 tells in Warning what is wrong with the offer, other refusals have none") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    for (auto const status : {488, 486}) {
        auto const call = std::to_string(status);
        peer.send(phone.endpoint.udp(), peer.request({.to = phone.endpoint.udp(), .call_id = call, .branch = "z9hG4bK" + call, .body = "offer"}));
        REQUIRE(phone.called());
        phone.endpoint.reject(phone.incoming.back().id, status, status == 488 ? Cause::incompatible : Cause::busy, {},
                              status == 488 ? R"(no "codec")" : "");
        CHECK(field(peer.expect(call), "Warning") == (status == 488 ? R"(399 boni "no \"codec\"")" : ""));
        phone.incoming.clear();
    }
}

TEST_CASE("a 100 brings back the Timestamp of its INVITE, later answers do not") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    peer.send(phone.endpoint.udp(), peer.request({.to = phone.endpoint.udp(), .extra = "Timestamp: 54.2\r\n", .body = "offer"}));
    CHECK(field(peer.expect("100"), "Timestamp") == "54.2");
    REQUIRE(phone.called());
    phone.endpoint.reject(phone.incoming.front().id, 486, Cause::busy);
    CHECK(field(peer.expect("486"), "Timestamp").empty());
}
