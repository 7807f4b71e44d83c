// Calls through a trunk: its templates, its credentials, its next hops one after the other, and whether it is there at all.
#include <atomic>

#include <doctest/doctest.h>

#include "base/metrics.hpp"
#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

Target at(SipPeer const& peer) { return {"127.0.0.1", peer.address().port, Transport::udp}; }

Trunk trunk_to(std::initializer_list<SipPeer*> peers) {
    auto trunk = loopback_trunk("carrier");
    for (auto* const peer : peers) trunk.targets.push_back(at(*peer));
    return trunk;
}

Dial number(std::string to = "+919876543210") { return {.to = std::move(to), .from_user = "+911140001234", .offer = "offer", .trunk = "carrier"}; }

std::string challenge(std::string const& algorithm, std::string const& extra = "") {
    return "Proxy-Authenticate: Digest realm=\"carrier\", nonce=\"n-" + algorithm + "\", qop=\"auth\", algorithm=" + algorithm + extra + "\r\n";
}

}  // namespace

TEST_CASE("a trunk's templates write the numbers it wants") {
    Loop loop;
    SipPeer peer{loop};
    auto trunk = trunk_to({&peer});
    trunk.numbers = {.request_uri = "{zero}", .from = "{cc}", .asserted = "{e164}"};
    Phone phone{loop, {}, {trunk}};
    phone.dial(number());
    auto const invite = peer.expect("INVITE");
    CHECK(invite.starts_with("INVITE sip:09876543210@127.0.0.1:" + std::to_string(peer.address().port) + " SIP/2.0"));
    CHECK(uri_in(field(invite, "From")) == "sip:911140001234@127.0.0.1");
    CHECK(field(invite, "P-Asserted-Identity") == "<sip:+911140001234@127.0.0.1>");
    CHECK(phone.endpoint.trunks().front().calls_out == 1);
}

TEST_CASE("a dual challenge is answered with SHA-256, in the same call and with the next CSeq") {
    Loop loop;
    SipPeer peer{loop};
    auto trunk = trunk_to({&peer});
    trunk.auth = Login{"boni", Secret{"secret"}, "carrier"};
    Phone phone{loop, {}, {trunk}};
    auto const id = phone.dial(number());
    auto const first = peer.expect("INVITE");
    peer.answer(first, 407, {.extra = challenge("SHA-256") + challenge("MD5")});
    peer.expect("ACK");
    auto const second = peer.expect("INVITE");
    auto const credentials = field(second, "Proxy-Authorization");
    CHECK(credentials.find("algorithm=SHA-256") != std::string::npos);
    CHECK(credentials.find("nc=00000001") != std::string::npos);
    CHECK(field(second, "Call-ID") == field(first, "Call-ID"));
    CHECK(field(second, "From") == field(first, "From"));
    CHECK(std::stoi(field(second, "CSeq")) == std::stoi(field(first, "CSeq")) + 1);
    peer.answer(second, 200, {.body = "answer"});
    auto const ack = peer.expect("ACK");
    CHECK(field(ack, "Proxy-Authorization") == credentials);   // RFC 3261 22.1
    REQUIRE(phone.heard(id, "answered answer"));
    phone.endpoint.hangup(id, Cause::normal);
    auto const bye = peer.expect("BYE");
    CHECK(field(bye, "Proxy-Authorization").find("nc=00000002") != std::string::npos);
    peer.answer(bye, 200);
    phone.ladder(id);
    for (auto const& message : phone.ladders[id]) CHECK(message.text.find("response=") == std::string::npos);
}

TEST_CASE("a stale nonce is replaced once, a second refusal fails the call") {
    Loop loop;
    SipPeer peer{loop};
    auto trunk = trunk_to({&peer});
    trunk.auth = Login{"boni", Secret{"wrong"}, ""};
    Phone phone{loop, {}, {trunk}};
    auto const id = phone.dial(number());
    peer.answer(peer.expect("INVITE"), 407, {.extra = challenge("MD5")});
    peer.answer(peer.expect("INVITE"), 407, {.extra = challenge("MD5", ", stale=true")});
    peer.answer(peer.expect("INVITE"), 407, {.extra = challenge("MD5")});
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].cause == Cause::auth_failed);
    CHECK_FALSE(peer.pending("INVITE"));
}

TEST_CASE("a challenge without credentials ends the call") {
    Loop loop;
    SipPeer peer{loop};
    Phone phone{loop, {}, {trunk_to({&peer})}};
    auto const id = phone.dial(number());
    peer.answer(peer.expect("INVITE"), 407, {.extra = challenge("MD5")});
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].sip_status == 407);
}

TEST_CASE("on 503 the next target is called, and the last refusal is the call's") {
    Loop loop;
    SipPeer first{loop}, second{loop};
    Phone phone{loop, {}, {trunk_to({&first, &second})}};
    auto const id = phone.dial(number());
    first.answer(first.expect("INVITE"), 503);
    auto const invite = second.expect("INVITE");
    CHECK(invite.starts_with("INVITE sip:+919876543210@127.0.0.1:" + std::to_string(second.address().port)));
    second.answer(invite, 500);
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].cause == Cause::congestion);
    CHECK(phone.endings[id].sip_status == 500);
}

TEST_CASE("after a ringing phone or a refusal nobody else is called") {
    Loop loop;
    SipPeer first{loop}, second{loop};
    Phone phone{loop, {}, {trunk_to({&first, &second})}};
    auto const rang = phone.dial(number());
    auto const invite = first.expect("INVITE");
    first.answer(invite, 180);
    first.answer(invite, 503);
    REQUIRE(phone.ended(rang));
    CHECK(phone.endings[rang].sip_status == 503);
    auto const busy = phone.dial(number());
    first.answer(first.expect("INVITE"), 486);
    REQUIRE(phone.ended(busy));
    CHECK(phone.endings[busy].cause == Cause::busy);
    CHECK(second.received.empty());
}

TEST_CASE("a silent target is left for the next, and a late answer of it is acknowledged and ended") {
    Loop loop;
    SipPeer silent{loop}, second{loop};
    EndpointConfig config;
    config.times.next_address = 1s;   // seconds are its unit
    Phone phone{loop, config, {trunk_to({&silent, &second})}};
    auto const id = phone.dial(number());
    auto const lost = silent.expect("INVITE");
    auto const invite = second.expect("INVITE");
    second.answer(invite, 200, {.body = "answer"});
    second.expect("ACK");
    REQUIRE(phone.heard(id, "answered answer"));
    silent.answer(lost, 200, {.tag = "late", .body = "late answer"});   // libre still absorbs it once
    silent.answer(lost, 200, {.tag = "late", .body = "late answer"});
    CHECK(tag_of(field(silent.expect("ACK"), "To")) == "late");
    CHECK(tag_of(field(silent.expect("BYE"), "To")) == "late");
    CHECK_FALSE(phone.endings.contains(id));
}

TEST_CASE("an allowed redirect is followed") {
    Loop loop;
    SipPeer first{loop}, second{loop};
    auto trunk = trunk_to({&first});
    trunk.redirects_max = 1;
    Phone phone{loop, {}, {trunk}};
    phone.dial(number());
    first.answer(first.expect("INVITE"), 302, {.contact = "<sip:moved@" + second.address().text() + ">"});
    CHECK(second.expect("INVITE").starts_with("INVITE sip:moved@" + second.address().text() + " SIP/2.0"));
}

TEST_CASE("a trunk at its channels fails a call at once, one at its pace makes it wait") {
    Loop loop;
    SipPeer peer{loop};
    auto trunk = trunk_to({&peer});
    trunk.out = {.channels = 2, .cps = 1};
    Phone phone{loop, {}, {trunk}};
    phone.dial(number());
    peer.expect("INVITE");
    auto const waits = phone.dial(number());
    REQUIRE(phone.ended(waits));   // half a second later
    CHECK(phone.endings[waits].cause == Cause::congestion);
    auto const hung_up = phone.dial(number());
    phone.endpoint.hangup(hung_up, Cause::normal);
    REQUIRE(phone.ended(hung_up));
    CHECK(phone.endings[hung_up].cause == Cause::normal);
    trunk.out = {.channels = 1, .cps = 0};
    phone.endpoint.set_trunks({trunk});
    auto const full = phone.dial(number());
    REQUIRE(phone.ended(full));
    CHECK(phone.endings[full].cause == Cause::no_circuit);
    CHECK(phone.endpoint.trunks().front().calls_out == 1);
}

TEST_CASE("a trunk that has talked its minutes of the day takes no further call either way until tomorrow") {
    struct Later final : Clock {   // read on the SIP thread
        std::atomic<std::chrono::minutes> ahead{};
        Steady steady() const override { return system_clock().steady() + ahead.load(); }
        Instant now() const override { return *ist_day_start("2026-11-27") + 12h + ahead.load(); }
    } clock;
    Loop loop;
    SipPeer peer{loop};
    auto trunk = trunk_to({&peer});
    trunk.max_minutes_day = 10;
    Phone phone{loop, {}, {trunk}, clock};
    auto const id = phone.dial(number());
    peer.answer(peer.expect("INVITE"), 200, {.body = "answer"});
    REQUIRE(phone.heard(id, "answered answer"));
    clock.ahead = 11min;
    auto const refused = [&] {
        auto const next = phone.dial(number());
        REQUIRE(phone.ended(next));
        CHECK(phone.endings[next].cause == Cause::no_circuit);
    };
    refused();
    peer.send(phone.endpoint.udp(), peer.request({.to = phone.endpoint.udp(), .body = "offer"}));
    CHECK(field(peer.expect("503"), "Reason") == "Q.850;cause=34");
    CHECK(phone.endpoint.trunks().front().minutes_today >= 11);
    CHECK_FALSE(phone.endings.contains(id));   // who talks goes on
    phone.endpoint.hangup(id, Cause::normal);
    REQUIRE(phone.ended(id));
    refused();
    clock.ahead = 25h;
    phone.dial(number());
    peer.expect("INVITE");
}

TEST_CASE("a dial that names nothing to call ends at once") {
    Loop loop;
    Phone phone{loop};
    Dial const no_trunk{.to = "+919876543210", .trunk = "unknown"}, no_sip{.request_uri = "http://example.com"};
    Dial const no_target{.to = "1", .trunk = "loop"};
    for (auto dial : {no_trunk, no_sip, no_target, Dial{}}) {
        auto const id = phone.dial(std::move(dial));
        REQUIRE(phone.ended(id));
        CHECK_FALSE(phone.endings[id].answered);
    }
}

TEST_CASE("three unanswered OPTIONS take a trunk down, two answers bring it up") {
    Loop loop;
    SipPeer peer{loop};
    auto trunk = trunk_to({&peer});
    trunk.health_every = 1s;
    Phone phone{loop, {}, {trunk}};
    auto const up = [&] { return phone.endpoint.trunks().front().up; };
    for (int i = 0; i < 3; ++i) {
        CHECK(up());
        peer.answer(peer.expect("OPTIONS"), 503);
    }
    REQUIRE(loop.until([&] { return !up(); }));
    peer.answer(peer.expect("OPTIONS"), 404);   // somebody is there
    peer.answer(peer.expect("OPTIONS"), 200);
    REQUIRE(loop.until([&] { return up(); }));
}

TEST_CASE("a trunk that is removed is told of no more, neither as up nor as down") {
    Loop loop;
    SipPeer peer{loop};
    auto trunk = trunk_to({&peer});
    trunk.name = "short-lived";
    trunk.health_every = 30s;
    Phone phone{loop, {}, {trunk}};
    peer.answer(peer.expect("OPTIONS"), 200);
    auto const shown = [](std::string_view name) { return metrics::render().contains(std::string{name} + R"({trunk="short-lived")"); };
    REQUIRE(loop.until([&] { return shown("boni_trunk_options_rtt_seconds_count"); }));
    CHECK(shown("boni_trunk_up"));
    phone.endpoint.set_trunks({});
    CHECK(phone.endpoint.trunks().empty());
    CHECK_FALSE(shown("boni_trunk_up"));
    CHECK_FALSE(shown("boni_trunk_options_rtt_seconds_count"));
}

TEST_CASE("a name without an address fails the call") {
    Loop loop;
    EndpointConfig config;
    SipPeer no_dns{loop};
    config.dns_servers = {no_dns.address()};   // answers nothing a resolver could use
    config.times.no_response = 1s;
    Phone phone{loop, config};
    auto const id = phone.dial({.request_uri = "sip:bob@nowhere.invalid:5060", .from_user = "a", .offer = "offer"});
    REQUIRE(phone.ended(id));
    CHECK(phone.endings[id].cause == Cause::network_failure);
}
