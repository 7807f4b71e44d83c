// Where a request goes: record routes, Contacts, NAT, and hosts that nobody may send us to.
#include <doctest/doctest.h>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

TEST_CASE("requests within the dialog follow its record route in order") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    auto const here = peer.address().text();
    auto const route = "Record-Route: <sip:" + here + ";lr;n=1>\r\nRecord-Route: <sip:192.0.2.2;lr>, <sip:192.0.2.3;lr>\r\n";
    peer.send(to, peer.request({.to = to, .extra = route, .body = "offer"}));
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.answer(id, "answer");
    auto const accepted = peer.expect("200");
    CHECK(fields(accepted, "Record-Route") == "<sip:" + here + ";lr;n=1>\n<sip:192.0.2.2;lr>, <sip:192.0.2.3;lr>");
    peer.send(to, peer.request({.to = to, .method = "ACK", .branch = "z9hG4bKack", .to_tag = tag_of(field(accepted, "To"))}));
    REQUIRE(phone.heard(id, "confirmed"));
    phone.endpoint.hangup(id, Cause::normal);
    auto const bye = peer.expect("BYE");
    CHECK(bye.starts_with("BYE sip:peer@" + here + " SIP/2.0"));
    CHECK(fields(bye, "Route") == "<sip:" + here + ";lr;n=1>\n<sip:192.0.2.2;lr>\n<sip:192.0.2.3;lr>");
}

TEST_CASE("a request that is overtaken by a newer one does not move the dialog") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop}, newer{loop}, older{loop};
    auto const to = phone.endpoint.udp();
    auto const [id, tag] = answered_call(phone, peer);
    REQUIRE(phone.heard(id, "confirmed"));
    auto const contact = [](SipPeer const& at) { return "<sip:peer@" + at.address().text() + ">"; };
    peer.send(to, peer.request({.to = to, .method = "UPDATE", .branch = "z9hG4bKthree", .to_tag = tag, .cseq = 3, .contact = contact(newer)}));
    peer.expect("200");
    peer.send(to, peer.request({.to = to, .method = "UPDATE", .branch = "z9hG4bKtwo", .to_tag = tag, .cseq = 2, .contact = contact(older)}));
    peer.expect("500");
    phone.endpoint.hangup(id, Cause::normal);
    newer.answer(newer.expect("BYE"), 200);
    CHECK(phone.ended(id));
    CHECK(older.received.empty());
}

TEST_CASE("a caller follows the record route of the answer backwards, and a strict router as it wants") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    phone.dial(dial_to(peer));
    auto const invite = peer.expect("INVITE");
    auto const here = peer.address().text();
    peer.answer(invite, 200, {.extra = "Record-Route: <sip:192.0.2.9;lr>\r\nRecord-Route: <sip:" + here + ">\r\n", .body = "answer"});
    auto const ack = peer.expect("ACK");
    CHECK(ack.starts_with("ACK sip:" + here + " SIP/2.0"));
    CHECK(fields(ack, "Route") == "<sip:192.0.2.9;lr>\n<sip:peer@" + here + ">");
}

TEST_CASE("a Contact with maddr is reached there") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop}, elsewhere{loop};
    auto const to = phone.endpoint.udp();
    auto const contact = fmt::format("sip:peer@carrier.invalid:{};maddr=127.0.0.1", elsewhere.address().port);
    peer.send(to, peer.request({.to = to, .body = "offer", .contact = '<' + contact + '>'}));
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.answer(id, "answer");
    peer.send(to, peer.request({.to = to, .method = "ACK", .branch = "z9hG4bKack", .to_tag = tag_of(field(peer.expect("200"), "To"))}));
    phone.endpoint.hangup(id, Cause::normal);
    auto const bye = elsewhere.expect("BYE");
    CHECK(bye.starts_with("BYE " + contact + " SIP/2.0"));
    elsewhere.answer(bye, 200);
}

TEST_CASE("behind NAT the source counts, not the Contact") {
    Loop loop;
    auto trunk = loopback_trunk();
    trunk.nat = Nat::on;
    Phone phone{loop, {}, {trunk}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .body = "offer", .contact = "<sip:peer@10.1.2.3:5060>"}));
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.answer(id, "answer");
    auto const accepted = peer.expect("200");
    peer.send(to, peer.request({.to = to, .method = "ACK", .branch = "z9hG4bKack", .to_tag = tag_of(field(accepted, "To"))}));
    REQUIRE(phone.heard(id, "confirmed"));
    phone.endpoint.hangup(id, Cause::normal);
    CHECK(peer.expect("BYE").starts_with("BYE sip:peer@10.1.2.3:5060 SIP/2.0"));
}

TEST_CASE("an address egress refuses is never called, nor a Contact that names one") {
    Loop loop;
    EndpointConfig config;
    std::vector<std::string> asked;
    config.vet = [&asked](Address const& address) {
        asked.push_back(address.ip_text());
        return address.loopback();
    };
    Phone phone{loop, std::move(config)};
    SipPeer peer{loop};
    auto const refused = phone.dial({.request_uri = "sip:bob@192.0.2.1", .from_user = "a", .offer = "offer"});
    REQUIRE(phone.ended(refused));
    CHECK(phone.endings[refused].cause == Cause::network_failure);
    auto const id = phone.dial(dial_to(peer));
    peer.answer(peer.expect("INVITE"), 200, {.body = "answer", .contact = "<sip:bob@192.0.2.7:5060>"});
    CHECK(peer.expect("ACK").starts_with("ACK sip:bob@192.0.2.7:5060 SIP/2.0"));   // at the address that was allowed
    REQUIRE(phone.heard(id, "answered answer"));
    CHECK(std::ranges::find(asked, "192.0.2.7") != asked.end());
}

TEST_CASE("a redirect of a customer is not followed") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const id = phone.dial(dial_to(peer));
    peer.answer(peer.expect("INVITE"), 302, {.contact = "<sip:elsewhere@192.0.2.1>"});
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].redirect == "sip:elsewhere@192.0.2.1");
    CHECK(phone.endings[id].cause == Cause::rejected);
}
