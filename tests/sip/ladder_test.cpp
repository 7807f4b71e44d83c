#include "sip/ladder.hpp"

#include <doctest/doctest.h>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::sip;
using namespace boni::test;

TEST_CASE("a ladder holds 256 KiB of a call and says how much it left out") {
    Ladder ladder;
    Address const here = *Address::parse("192.0.2.1", 5060), there = *Address::parse("192.0.2.2", 5060);
    std::string const message = "INFO sip:a@b SIP/2.0\r\n\r\n" + std::string(1000, 'x');
    for (int i = 0; i < 1000; ++i) ladder.add({}, false, Transport::udp, here, there, message);
    // Nothing after the first gap: it would look as if it followed.
    ladder.add({}, true, Transport::udp, here, there, "BYE sip:a@b SIP/2.0\r\n\r\n");
    auto const kept = ladder.take();
    auto bytes = 0uz;
    for (auto const& one : kept) bytes += one.text.size();
    CHECK(bytes <= ladder_bytes_max + 64);
    CHECK(kept.size() == ladder_bytes_max / message.size() + 1);
    CHECK(kept.back().text == std::to_string(1001 - (kept.size() - 1)) + " more messages were not kept");
    CHECK(ladder.take().empty());
}

TEST_CASE("a call that shares its Call-ID with another begins its ladder with its own INVITE") {
    Loop loop;
    Phone phone{loop};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    for (auto const* const tag : {"one", "two"}) {
        auto invite = peer.request({.to = to, .branch = fmt::format("z9hG4bK{}", tag), .body = "offer"});
        invite.replace(invite.find(";tag=peer") + 5, 4, tag);
        peer.send(to, invite);
    }
    REQUIRE(phone.called(2));
    for (auto const& call : phone.incoming) {
        phone.endpoint.reject(call.id, 486, Cause::busy);
        REQUIRE(phone.ended(call.id));
        phone.ladder(call.id);
        auto const& first = phone.ladders[call.id].at(0).text;
        CHECK(first.starts_with("INVITE "));
        CHECK(tag_of(field(first, "From")) == call.remote_tag);
    }
}
