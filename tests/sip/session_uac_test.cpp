#include <doctest/doctest.h>

#include "support/session_driver.hpp"

using namespace boni;
using namespace boni::test;

namespace {

SessionDriver calling(SessionOptions options = {.session_expires = 0}, std::string offer = "offer") {
    SessionDriver call{Role::uac, std::move(options)};
    call.on(command::Start{std::move(offer)});
    return call;
}

Response rel(SessionDriver const& call, int status, std::uint32_t rseq, std::string sdp = {}, std::string tag = "peer") {
    auto out = call.response(Method::invite, status, std::move(sdp), std::move(tag));
    out.headers.require = {"100rel"};
    out.headers.rseq = rseq;
    return out;
}

}  // namespace

TEST_CASE("a call goes out, rings, is answered and hung up by us") {
    SessionDriver call{Role::uac};
    CHECK(call.on(command::Start{"offer"}) == "INVITE offer");
    CHECK(call.session.state() == "calling");
    CHECK(call.on(call.response(Method::invite, 100, {}, "")) == "");
    CHECK(call.session.state() == "proceeding");
    CHECK(call.on(call.response(Method::invite, 180)) == "| 180@peer");
    CHECK(call.session.state() == "early");
    CHECK(call.on(call.response(Method::invite, 200, "answer")) == "ACK@peer | answered@peer answer");
    CHECK(call.session.state() == "confirmed");
    CHECK(call.on(command::Hangup{}) == "BYE@peer | ended normal");
    CHECK(call.latest[Method::bye].headers.reason == Reason{"Q.850", 16, ""});
    CHECK_FALSE(call.ending.by_peer);
    CHECK_FALSE(call.session.done());
    CHECK(call.on(call.response(Method::bye, 200)) == "");
    CHECK(call.session.done());
    CHECK(call.endings == 1);
}

TEST_CASE("a repeated 2xx gets the same ACK again") {
    auto call = calling();
    auto const ok = call.response(Method::invite, 200, "answer");
    call.on(ok);
    CHECK(call.on(ok) == "ACK@peer");
    CHECK(call.latest[Method::ack].cseq == ok.cseq);
}

TEST_CASE("the answer of an unreliable 18x counts when the 200 has none") {
    auto call = calling();
    CHECK(call.on(call.response(Method::invite, 183, "preview")) == "| 183@peer preview");
    CHECK(call.on(call.response(Method::invite, 200)) == "ACK@peer | answered@peer preview");
}

TEST_CASE("the answer of the 200 outranks the preview") {
    auto call = calling();
    call.on(call.response(Method::invite, 183, "preview"));
    CHECK(call.on(call.response(Method::invite, 200, "answer")) == "ACK@peer | answered@peer answer");
}

TEST_CASE("a 200 without any answer is acknowledged and ended") {
    auto call = calling();
    CHECK(call.on(call.response(Method::invite, 200)) == "ACK@peer, BYE@peer | ended incompatible");
    CHECK(call.ending.answered);
}

TEST_CASE("without an offer of ours the 200 brings one, and the ACK our answer") {
    auto call = calling({.session_expires = 0}, "");
    auto const ok = call.response(Method::invite, 200, "their offer");
    CHECK(call.on(ok) == "| answered@peer, offer their offer");
    CHECK(call.on(ok) == "");   // no ACK before its answer is known
    CHECK(call.on(command::AnswerOffer{"our answer"}) == "ACK@peer our answer");
    CHECK(call.on(ok) == "ACK@peer our answer");
    CHECK(call.session.state() == "confirmed");
}

TEST_CASE("a late offer that we cannot answer is acknowledged and ended as incompatible, by no guard") {
    auto call = calling({.session_expires = 0}, "");
    call.on(call.response(Method::invite, 200, "their offer"));
    CHECK(call.on(command::RefuseOffer{}) == "ACK@peer, BYE@peer | ended incompatible");
    CHECK(call.ending.guard.empty());
}

TEST_CASE("a refusal ends the call with the cause of its status") {
    struct Row { int status; bool rang; Cause cause; };
    for (auto const& row : {Row{486, true, Cause::busy},
                            {603, true, Cause::rejected},
                            {404, false, Cause::unallocated},
                            {480, true, Cause::no_answer},
                            {480, false, Cause::unreachable},
                            {408, true, Cause::no_answer},
                            {408, false, Cause::network_failure},
                            {503, false, Cause::congestion},
                            {401, false, Cause::auth_failed},
                            {488, false, Cause::incompatible}}) {
        CAPTURE(row.status);
        auto call = calling();
        if (row.rang) call.on(call.response(Method::invite, 180));
        CHECK(call.on(call.response(Method::invite, row.status)) == fmt::format("| ended {}", name(row.cause)));
        CHECK(call.ending.sip_status == row.status);
        CHECK(call.ending.by_peer);
        CHECK(call.session.done());
    }
}

TEST_CASE("a received Q.850 cause outranks the status") {
    auto call = calling();
    auto refused = call.response(Method::invite, 503);
    refused.headers.reason = Reason{"Q.850", 34, "no circuit"};
    CHECK(call.on(refused) == "| ended no_circuit");
    CHECK(call.ending.q850 == 34);
    CHECK(call.ending.text == "no circuit");
    CHECK(call.ending.ended_by == EndedBy{Method::invite, true, Reason{"Q.850", 34, "no circuit"}});
}

TEST_CASE("an address that gives no provisional within 6 s is left, and after 32 s the call ends") {
    auto call = calling();
    CHECK(call.pass(31s) == "next address; next address; next address; next address; next address");
    CHECK(call.pass(1s) == "guard no_response | ended network_failure");
    CHECK(call.session.done());
}

TEST_CASE("a provisional keeps the address and starts the INVITE's guard anew") {
    auto call = calling();
    call.pass(5s);
    call.on(call.response(Method::invite, 100, {}, ""));
    CHECK(call.pass(179s) == "");
    CHECK(call.pass(1s) == "guard invite, CANCEL | ended guard");
}

TEST_CASE("a transport failure ends the call") {
    auto call = calling();
    CHECK(call.on(Failed{call.latest[Method::invite].transaction, "connection refused"}) == "| ended network_failure");
    CHECK(call.ending.text == "connection refused");
    CHECK_FALSE(call.ending.ended_by);
    CHECK(call.session.done());
}

// --- CANCEL -------------------------------------------------------------------------------------------------------------------

TEST_CASE("hanging up while it rings cancels") {
    auto call = calling();
    call.on(call.response(Method::invite, 180));
    CHECK(call.on(command::Hangup{Cause::no_answer, "", {}}) == "CANCEL | ended no_answer");
    CHECK(call.latest[Method::cancel].headers.reason == Reason{"Q.850", 19, ""});
    CHECK(call.latest[Method::cancel].transaction == call.latest[Method::invite].transaction);
    CHECK(call.session.state() == "cancelling");
    CHECK(call.on(call.response(Method::invite, 487)) == "");
    CHECK(call.session.done());
    CHECK(call.endings == 1);
}

TEST_CASE("a CANCEL waits for the first provisional response") {
    auto call = calling();
    CHECK(call.on(command::Hangup{}) == "| ended normal");
    CHECK_FALSE(call.session.done());
    CHECK(call.on(call.response(Method::invite, 100, {}, "")) == "CANCEL");
    CHECK(call.on(call.response(Method::invite, 180)) == "");
    call.on(call.response(Method::invite, 487));
    CHECK(call.session.done());
}

TEST_CASE("a cancelled INVITE that nobody answers is forgotten") {
    auto call = calling();
    call.on(command::Hangup{});
    CHECK(call.pass(32s) == "guard no_response");
    CHECK(call.session.done());
    auto rung = calling();
    rung.on(rung.response(Method::invite, 180));
    rung.on(command::Hangup{});
    CHECK(rung.pass(32s) == "guard cancel");
    CHECK(rung.session.done());
}

TEST_CASE("a 200 that crosses our CANCEL gets ACK and one BYE") {
    auto call = calling();
    call.on(call.response(Method::invite, 180));
    call.on(command::Hangup{});
    auto const ok = call.response(Method::invite, 200, "answer");
    CHECK(call.on(ok) == "ACK@peer, BYE@peer");
    CHECK(call.on(ok) == "ACK@peer");
    call.on(call.response(Method::bye, 200));
    CHECK(call.session.done());
    CHECK(call.endings == 1);
    CHECK_FALSE(call.ending.answered);
}

TEST_CASE("a 200 without any provisional after our hang-up gets ACK and BYE") {
    auto call = calling();
    call.on(command::Hangup{});
    CHECK(call.on(call.response(Method::invite, 200, "answer")) == "ACK@peer, BYE@peer");
}

// --- forks ----------------------------------------------------------------------------------------------------------------------

TEST_CASE("each fork is a dialog, the first 200 wins, the others get ACK and BYE") {
    auto call = calling();
    CHECK(call.on(call.response(Method::invite, 183, "a early", "a")) == "| 183@a a early");
    CHECK(call.on(call.response(Method::invite, 183, "b early", "b")) == "| 183@b b early");
    CHECK(call.on(call.response(Method::invite, 200, "b answer", "b")) == "ACK@b | answered@b b answer");
    CHECK(call.on(call.response(Method::invite, 200, "a answer", "a")) == "ACK@a, BYE@a");
    CHECK(call.latest[Method::bye].headers.reason->protocol == "SIP");
    CHECK(call.on(call.response(Method::invite, 200, "c answer", "c")) == "ACK@c, BYE@c");
    CHECK(call.on(call.response(Method::invite, 200, "a answer", "a")) == "ACK@a");
    CHECK(call.session.state() == "confirmed");
    CHECK(call.on(command::Hangup{}) == "BYE@b | ended normal");
}

TEST_CASE("more forks than a call may have are not remembered, but their 200 still wins") {
    auto call = calling();
    for (int i = 0; i < 20; ++i) call.on(call.response(Method::invite, 180, {}, "fork" + std::to_string(i)));
    CHECK(call.on(call.response(Method::invite, 180, {}, "fork19")) == "");
    CHECK(call.on(call.response(Method::invite, 200, "answer", "fork19")) == "ACK@fork19 | answered@fork19 answer");
}

TEST_CASE("a fork that lost and never acknowledges our PRACK does not end the call") {
    auto call = calling();
    call.on(rel(call, 183, 1, "a answer", "a"));
    CHECK(call.on(call.response(Method::invite, 200, "b answer", "b")) == "ACK@b | answered@b b answer");
    CHECK(call.pass(60s) == "guard prack");
    CHECK(call.session.state() == "confirmed");
}

// --- reliable provisionals --------------------------------------------------------------------------------------------------------

TEST_CASE("a reliable 18x is acknowledged once, in order") {
    auto call = calling();
    CHECK(call.on(rel(call, 183, 7, "answer")) == "PRACK@peer | 183@peer answer");
    CHECK(call.latest[Method::prack].headers.rack == RAck{7, call.latest[Method::invite].transaction, Method::invite});
    CHECK(call.on(rel(call, 183, 7, "answer")) == "");
    CHECK(call.on(rel(call, 180, 9)) == "");
    call.on(call.response(Method::prack, 200));
    CHECK(call.on(rel(call, 180, 8)) == "PRACK@peer | 180@peer");
    CHECK(call.on(call.response(Method::invite, 200)) == "ACK@peer | answered@peer answer");
}

TEST_CASE("the offer of a reliable 18x is answered in its PRACK") {
    auto call = calling({.session_expires = 0}, "");
    CHECK(call.on(rel(call, 183, 1, "their offer")) == "| 183@peer, offer their offer");
    CHECK(call.on(command::AnswerOffer{"our answer"}) == "PRACK@peer our answer");
    call.on(call.response(Method::prack, 200));
    CHECK(call.on(call.response(Method::invite, 200)) == "ACK@peer | answered@peer their offer");
}

TEST_CASE("a PRACK that is lost ends the call after 32 s") {
    auto call = calling();
    call.on(rel(call, 180, 1));
    CHECK(call.pass(32s) == "guard prack, CANCEL | ended guard");
}

TEST_CASE("an UPDATE of the peer while our offer is open gets 491") {
    auto call = calling();
    call.on(call.response(Method::invite, 180));
    CHECK(call.on(call.request(Method::update, "offer")) == "491");
    CHECK(call.on(call.request(Method::update)) == "200");
}

// --- redirects and 422 ------------------------------------------------------------------------------------------------------------

TEST_CASE("a redirect of a customer's peer is not followed") {
    auto call = calling();
    auto moved = call.response(Method::invite, 302);
    moved.headers.contact = "sip:elsewhere";
    CHECK(call.on(moved) == "| ended rejected");
    CHECK(call.ending.redirect == "sip:elsewhere");
}

TEST_CASE("a trunk may redirect as often as its operator allows") {
    auto call = calling({.session_expires = 0, .redirects_max = 2});
    for (int i = 0; i < 2; ++i) {
        auto moved = call.response(Method::invite, 302);
        moved.headers.contact = "sip:next" + std::to_string(i);
        CHECK(call.on(moved) == "INVITE offer");
        CHECK(call.latest[Method::invite].target == moved.headers.contact);
    }
    auto moved = call.response(Method::invite, 302);
    moved.headers.contact = "sip:again";
    CHECK(call.on(moved) == "| ended rejected");
}

TEST_CASE("the attempt after a redirect has its own deadlines and no PRACK of the first") {
    auto call = calling({.session_expires = 0, .redirects_max = 1});
    call.on(rel(call, 180, 1));
    auto moved = call.response(Method::invite, 302);
    moved.headers.contact = "sip:next";
    call.on(moved);
    CHECK(call.pass(32s) == "next address; next address; next address; next address; next address; guard no_response | ended network_failure");
    CHECK(call.session.done());
}

TEST_CASE("what a peer asked before it redirected us is answered by nobody") {
    auto call = calling({.session_expires = 0, .redirects_max = 1});
    call.on(rel(call, 183, 1, "answer"));
    CHECK(call.on(call.request(Method::update, "their offer")) == "| offer their offer");
    auto moved = call.response(Method::invite, 302);
    moved.headers.contact = "sip:next";
    CHECK(call.on(moved) == "487, INVITE offer");
    CHECK(call.on(command::AnswerOffer{"our answer"}) == "");
}

TEST_CASE("a 422 raises the session interval once") {
    auto call = calling({.session_expires = 1800});
    CHECK(call.latest[Method::invite].headers.session_expires == SessionExpires{1800, Refresher::unsaid});
    auto brief = call.response(Method::invite, 422);
    brief.headers.min_se = 3600;
    CHECK(call.on(brief) == "INVITE offer");
    CHECK(call.latest[Method::invite].headers.session_expires == SessionExpires{3600, Refresher::unsaid});
    CHECK(call.latest[Method::invite].headers.min_se == 3600);
    CHECK(call.pass(6s) == "next address");
    auto again = call.response(Method::invite, 422);
    again.headers.min_se = 7200;
    CHECK(call.on(again) == "| ended rejected");
}

TEST_CASE("responses with an impossible status or of an older attempt are ignored") {
    auto call = calling();
    CHECK(call.on(call.response(Method::invite, 99)) == "");
    CHECK(call.on(call.response(Method::invite, 700)) == "");
    auto foreign = call.response(Method::invite, 200, "answer");
    foreign.transaction = 99;
    CHECK(call.on(foreign) == "");
    CHECK(call.session.state() == "calling");
}
