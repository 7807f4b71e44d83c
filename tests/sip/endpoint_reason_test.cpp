// Reason as peers write it: one header or many, lists in one, Q.850 behind others (RFC 3326).
#include <doctest/doctest.h>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::sip;
using namespace boni::test;

namespace {

constexpr std::array ways_to_write_reasons{"Reason: SIP;cause=200;text=\"a, b\", Q.850;cause=31;text=\"odd\"\r\n",
                          "Reason: SIP;cause=200\r\nX-Between: yes\r\nReason: Q.850;cause=31;text=\"odd\"\r\n"};

/// An INVITE that the phone was told of.
struct ReasonedCall {
    explicit ReasonedCall(Loop& loop) : phone{loop}, peer{loop} {
        peer.send(to, peer.request({.to = to, .body = "offer"}));
        REQUIRE(phone.called());
        id = phone.incoming.front().id;
    }
    Phone phone;
    SipPeer peer;
    Address const to = phone.endpoint.udp();
    SessionId id{};
};

}  // namespace

TEST_CASE("of several Reasons of a BYE the Q.850 one counts") {
    Loop loop;
    for (auto const* const reason : ways_to_write_reasons) {
        ReasonedCall call{loop};
        auto& [phone, peer, to, id] = call;
        phone.endpoint.answer(id, "answer");
        auto const tag = tag_of(field(peer.expect("200"), "To"));
        peer.send(to, peer.request({.to = to, .method = "ACK", .branch = "z9hG4bKack", .to_tag = tag}));
        peer.send(to, peer.request({.to = to, .method = "BYE", .branch = "z9hG4bKbye", .to_tag = tag, .cseq = 2, .extra = reason}));
        REQUIRE(phone.ended(id));
        CHECK(phone.endings[id].q850 == 31);
        CHECK(phone.endings[id].text == "odd");
    }
}

TEST_CASE("of several Reasons of a CANCEL as well") {
    Loop loop;
    for (auto const* const reason : ways_to_write_reasons) {
        ReasonedCall call{loop};
        auto& [phone, peer, to, id] = call;
        peer.send(to, peer.request({.to = to, .method = "CANCEL", .extra = reason}));
        REQUIRE(phone.ended(id));
        CHECK(phone.endings[id].cause == Cause::caller_cancelled);
        CHECK(phone.endings[id].q850 == 31);
        CHECK(phone.endings[id].text == "odd");
    }
}
