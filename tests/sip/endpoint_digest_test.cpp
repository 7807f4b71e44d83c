// Trunks that are told by their digest user: who proves it gets in from anywhere, nobody else learns anything (sip.md 3.2, 3.3).
#include <doctest/doctest.h>

#include "sip/digest.hpp"
#include "support/fake_clock.hpp"
#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::sip;
using namespace boni::test;

namespace {

Trunk digest_trunk(std::string name = "pbx", std::string user = "office", std::string password = "open sesame") {
    Trunk trunk;
    trunk.name = std::move(name);
    trunk.kind = TrunkKind::digest;
    trunk.health_every = 0s;
    trunk.auth = Login{std::move(user), Secret{std::move(password)}, {}};
    return trunk;
}

/// A PBX somewhere: it asks, is challenged, and asks again.
struct Caller {
    Caller(Loop& loop, Phone& phone) : phone{phone}, peer{loop}, to{phone.endpoint.udp()} {}

    void invite(std::string const& call, int cseq = 1, std::string const& credentials = {}) {
        peer.send(to, peer.request({.to = to, .call_id = call, .branch = fmt::format("z9hG4bK{}{}", call, cseq), .cseq = cseq,
                                    .extra = credentials.empty() ? "" : "Authorization: " + credentials + "\r\n", .body = "offer"}));
    }
    /// The 401 to an INVITE without credentials.
    std::string challenge(std::string const& call) {
        invite(call);
        return peer.expect("401");
    }
    std::string credentials(std::string const& challenge, std::string const& user = "office", std::string const& password = "open sesame") {
        DigestClient client{{Login{user, Secret{password}, {}}}};
        REQUIRE(client.challenged(std::vector{ChallengeHeader{.value = challenge}}));
        return client.authorise("INVITE", "sip:911140001234@" + to.text()).at(0).value;
    }
    /// Everything sent before it has been handled when its answer is here.
    void settle() {
        peer.send(to, peer.request({.to = to, .method = "OPTIONS", .call_id = "settle", .branch = "z9hG4bKsettle"}));
        peer.expect("200");
    }

    Phone& phone;
    SipPeer peer;
    Address to;
};

std::string line(std::string const& lines, std::size_t index) {
    auto from = 0uz;
    for (; index > 0; --index) from = lines.find('\n', from) + 1;
    return lines.substr(from, lines.find('\n', from) - from);
}

}  // namespace

TEST_CASE("who knows the password of a digest trunk calls through it, and its dialog needs it no more") {
    Loop loop;
    Phone phone{loop, {}, {digest_trunk()}};
    Caller caller{loop, phone};
    auto const refused = caller.challenge("a");
    auto const challenges = fields(refused, "WWW-Authenticate");
    CHECK(line(challenges, 0).find("algorithm=SHA-256") != std::string::npos);
    CHECK(line(challenges, 1).find("algorithm=MD5") != std::string::npos);
    CHECK(phone.incoming.empty());
    for (auto const index : {0uz, 1uz}) {          // the call of a new PBX, and of an old one
        auto const call = fmt::format("a{}", index);
        caller.invite(call, 2, caller.credentials(line(fields(caller.challenge(call), "WWW-Authenticate"), index)));
        REQUIRE(phone.called(index + 1));
        auto const& incoming = phone.incoming.back();
        CHECK(incoming.trunk == "pbx");
        phone.endpoint.answer(incoming.id, "answer");
        auto const ok = caller.peer.expect("200");
        auto const tag = tag_of(field(ok, "To"));
        for (auto const* const method : {"ACK", "BYE"})
            caller.peer.send(caller.to, caller.peer.request({.to = caller.to, .method = method, .call_id = call,
                                                             .branch = fmt::format("z9hG4bK{}{}", call, method),
                                                             .to_tag = tag, .cseq = method[0] == 'A' ? 2 : 3}));
        REQUIRE(phone.ended(incoming.id));
        caller.peer.expect("200");
    }
    CHECK(phone.endpoint.trunks().front().calls_in == 0);
}

TEST_CASE("a clock that is set between a challenge and its answer, or before it, keeps nobody out") {
    Loop loop;
    SetClock clock;
    Phone phone{loop, {}, {digest_trunk()}, clock};
    Caller caller{loop, phone};
    auto calls = 0uz;
    for (std::chrono::microseconds const ahead : {-2h, 2h, 0h}) {
        auto const call = fmt::format("a{}", calls);
        auto const challenge = line(fields(caller.challenge(call), "WWW-Authenticate"), 0);
        clock.ahead = ahead;
        caller.invite(call, 2, caller.credentials(challenge));
        REQUIRE(phone.called(++calls));
    }
}

TEST_CASE("a wrong password, and a user that is none, are told the same, and it counts") {
    Loop loop;
    for (auto const* const user : {"office", "nobody"}) {
        Phone phone{loop, {}, {digest_trunk()}};
        Caller caller{loop, phone};
        auto const challenge = line(fields(caller.challenge("a"), "WWW-Authenticate"), 0);
        caller.invite("a", 2, caller.credentials(challenge, user, "guess"));
        auto const refused = caller.peer.expect("403");
        CHECK(field(refused, "WWW-Authenticate").empty());
        for (int guess = 3; guess < 30; ++guess) caller.invite("a", guess, caller.credentials(challenge, user, fmt::format("guess {}", guess)));
        caller.invite("b");                        // banned: not even a challenge
        caller.invite("a", 40, caller.credentials(challenge));
        CHECK_FALSE(loop.until([&] { return caller.peer.pending("401"); }, 300ms));
        CHECK(phone.incoming.empty());
    }
}

TEST_CASE("credentials that were used before are stale, and a fresh nonce is good again") {
    Loop loop;
    Phone phone{loop, {}, {digest_trunk()}};
    Caller caller{loop, phone};
    auto const once = caller.credentials(line(fields(caller.challenge("a"), "WWW-Authenticate"), 0));
    caller.invite("a", 2, once);
    REQUIRE(phone.called());
    caller.invite("b", 2, once);                   // overheard
    auto const again = line(fields(caller.peer.expect("401"), "WWW-Authenticate"), 0);
    CHECK(again.find("stale=true") != std::string::npos);
    CHECK(phone.incoming.size() == 1);
    caller.invite("b", 3, caller.credentials(again));
    REQUIRE(phone.called(2));
}

TEST_CASE("without a digest trunk nobody is challenged; with one, strangers get no more than twenty challenges a minute") {
    Loop loop;
    Phone closed{loop, {}, {}};
    Caller stranger{loop, closed};
    stranger.invite("a");
    CHECK(field(stranger.peer.expect("403"), "WWW-Authenticate").empty());

    Phone open{loop, {}, {digest_trunk()}};
    Caller scanner{loop, open};
    for (int i = 0; i < 40; ++i) scanner.invite(fmt::format("scan{}", i));
    scanner.settle();
    auto challenges = 0;
    while (scanner.peer.pending("401")) ++challenges;
    CHECK(challenges == 20);
}

TEST_CASE("a source that has proved itself is challenged as often as it calls") {
    Loop loop;
    Phone phone{loop, {}, {digest_trunk()}};
    Caller caller{loop, phone};
    caller.invite("a", 2, caller.credentials(line(fields(caller.challenge("a"), "WWW-Authenticate"), 0)));
    REQUIRE(phone.called());
    for (int i = 0; i < 40; ++i) caller.invite(fmt::format("more{}", i));
    caller.settle();
    auto challenges = 0;
    while (caller.peer.pending("401")) ++challenges;
    CHECK(challenges == 40);
}

TEST_CASE("the realm is the one of the settings, and without MD5 an old phone's answer is no answer") {
    Loop loop;
    Phone phone{loop, {.realm = "pbx.example.com", .digest_md5 = false}, {digest_trunk()}};
    Caller caller{loop, phone};
    auto const challenges = fields(caller.challenge("a"), "WWW-Authenticate");
    auto const only = line(challenges, 0);
    CHECK(only.find("realm=\"pbx.example.com\"") != std::string::npos);
    CHECK(only.find("algorithm=SHA-256") != std::string::npos);
    CHECK(challenges.find("MD5") == std::string::npos);
    auto old = only;
    old.replace(old.find("SHA-256"), 7, "MD5");
    caller.invite("a", 2, caller.credentials(old));
    caller.peer.expect("401");
    CHECK(phone.incoming.empty());
    caller.invite("b", 2, caller.credentials(line(fields(caller.challenge("b"), "WWW-Authenticate"), 0)));
    REQUIRE(phone.called());
}
