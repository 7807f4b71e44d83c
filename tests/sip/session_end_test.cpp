#include <doctest/doctest.h>

#include "support/session_driver.hpp"

using namespace boni;
using namespace boni::test;

TEST_CASE("there is exactly one BYE, whatever happens around it") {
    auto call = confirmed_uas();
    CHECK(call.on(command::Hangup{}) == "BYE@peer | ended normal");
    CHECK(call.on(command::Hangup{}) == "");
    CHECK(call.on(call.bye()) == "200");
    CHECK(call.on(call.request(Method::info)) == "481");
    CHECK(call.on(call.response(Method::bye, 481)) == "");
    CHECK(call.session.done());
    CHECK(call.endings == 1);
}

TEST_CASE("a BYE without response is forgotten after 32 s") {
    auto call = confirmed_uas();
    call.on(command::Hangup{});
    CHECK(call.pass(32s) == "guard bye");
    CHECK(call.session.done());
    auto failed = confirmed_uas();
    failed.on(command::Hangup{});
    CHECK(failed.on(Failed{failed.latest[Method::bye].transaction, "connection lost"}) == "");
    CHECK(failed.session.done());
    CHECK_FALSE(failed.session.wake());
}

TEST_CASE("a BYE crossing ours is answered") {
    auto call = confirmed_uac();
    call.on(command::Hangup{});
    CHECK(call.on(call.bye()) == "200");
    call.on(call.response(Method::bye, 200));
    CHECK(call.session.done());
    CHECK_FALSE(call.ending.by_peer);
}

TEST_CASE("the Reason of a hang-up is the cause's, or the one given") {
    auto call = confirmed_uas();
    call.on(command::Hangup{Cause::media_timeout, "no RTP for 30 s", {}});
    CHECK(call.latest[Method::bye].headers.reason == Reason{"Q.850", 31, "no RTP for 30 s"});
    auto other = confirmed_uas();
    other.on(command::Hangup{Cause::media_timeout, "", Reason{"RTP", 0, "no media"}});
    CHECK(other.latest[Method::bye].headers.reason == Reason{"RTP", 0, "no media"});
    CHECK(other.ending.ended_by == EndedBy{Method::bye, false, Reason{"RTP", 0, "no media"}});
}

TEST_CASE("the Reason of the peer's BYE is kept") {
    auto call = confirmed_uas();
    auto bye = call.bye();
    bye.headers.reason = Reason{"Q.850", 31, "normal, unspecified"};
    call.on(bye);
    CHECK(call.ending.q850 == 31);
    CHECK(call.ending.text == "normal, unspecified");
    CHECK(call.ending.ended_by == EndedBy{Method::bye, true, Reason{"Q.850", 31, "normal, unspecified"}});
    auto sip = confirmed_uas();
    auto other = sip.bye();
    other.headers.reason = Reason{"SIP", 200, "elsewhere"};
    sip.on(other);
    CHECK(sip.ending.q850 == 16);
    CHECK(sip.ending.ended_by == EndedBy{Method::bye, true, Reason{"SIP", 200, "elsewhere"}});
}

TEST_CASE("a Reason is written as RFC 3326 has it") {
    CHECK(text_of({"Q.850", 16, {}}) == "Q.850;cause=16");
    CHECK(text_of({"RTP", 0, "no \"media\"\r\n"}) == R"(RTP;text="no \"media\"")");
}

TEST_CASE("hanging up before the answer refuses with the status of the cause") {
    for (auto const& [cause, status] : {std::pair{Cause::normal, 480}, {Cause::busy, 486}, {Cause::rejected, 603}, {Cause::no_answer, 480},
                                        {Cause::draining, 503}, {Cause::not_allowed, 403}}) {
        SessionDriver call{Role::uas};
        call.on(call.invite("offer"));
        CHECK(call.on(command::Hangup{cause, "", {}}) == fmt::format("{} | ended {}", status, name(cause)));
        CHECK(call.ending.sip_status == status);
        CHECK(call.ending.ended_by == EndedBy{Method::invite, false, Reason{"Q.850", consequence(cause).q850, {}}});
    }
}

TEST_CASE("our BYE waits for the ACK to our 200") {
    SessionDriver call{Role::uas, {.session_expires = 0}};
    call.on(call.invite("offer"));
    call.on(command::Answer{"answer"});
    CHECK(call.on(command::Hangup{}) == "| ended normal");
    CHECK_FALSE(call.session.done());
    CHECK(call.pass(600ms) == "again");
    CHECK(call.on(call.ack()) == "BYE@peer");
    call.on(call.response(Method::bye, 200));
    CHECK(call.session.done());
}

TEST_CASE("our BYE goes out without the ACK when it never comes") {
    SessionDriver call{Role::uas, {.session_expires = 0}};
    call.on(call.invite("offer"));
    call.on(command::Answer{"answer"});
    call.on(command::Hangup{});
    CHECK(call.pass(32s).ends_with("guard no_ack, BYE@peer"));
    CHECK(call.endings == 1);
}

TEST_CASE("a peer that hangs up while our BYE waits ends it all") {
    SessionDriver call{Role::uas, {.session_expires = 0}};
    call.on(call.invite("offer"));
    call.on(command::Answer{"answer"});
    call.on(command::Hangup{});
    CHECK(call.on(call.bye()) == "200");
    CHECK(call.session.done());
    CHECK_FALSE(call.session.wake());
}

TEST_CASE("a call is no longer than its limit") {
    auto call = confirmed_uac({.times = {.call_max = 60s}, .session_expires = 0});
    CHECK(call.pass(60s) == "guard call_max, BYE@peer | ended max_duration");
    CHECK(call.latest[Method::bye].headers.reason->cause == 16);
}

TEST_CASE("a session that never began ends without a word on the wire") {
    SessionDriver out{Role::uac};
    CHECK(out.on(command::Hangup{}) == "| ended normal");
    CHECK(out.session.done());
    CHECK(out.on(command::Start{"offer"}) == "");
    SessionDriver in{Role::uas};
    CHECK(in.on(command::Hangup{}) == "| ended normal");
    CHECK(in.session.done());
    CHECK(in.on(in.invite("offer")) == "481");
}

TEST_CASE("an open offer of the peer is answered before the BYE") {
    auto call = confirmed_uas();
    call.on(call.invite("theirs"));
    CHECK(call.on(command::Hangup{}) == "487, BYE@peer | ended normal");
    auto update = confirmed_uas();
    update.on(update.request(Method::update, "theirs"));
    CHECK(update.on(update.bye()) == "200, 487 | ended normal");
}

TEST_CASE("commands that come too late or too early are ignored") {
    auto call = confirmed_uas();
    for (Input const& input : {Input{command::Ring{}}, Input{command::Answer{"x"}}, Input{command::Reject{}}, Input{command::AnswerOffer{"x"}},
                               Input{command::RefuseOffer{}}, Input{command::Start{"x"}}, Input{Tick{}}, Input{Failed{77, "x"}},
                               Input{Response{.transaction = 77, .status = 200}}})
        CHECK(call.on(input) == "");
    call.on(call.bye());
    for (Input const& input : {Input{command::SendOffer{"x"}}, Input{command::Hangup{}}, Input{command::AnswerOffer{"x"}}})
        CHECK(call.on(input) == "");
    SessionDriver ringing{Role::uas};
    ringing.on(ringing.invite("offer"));
    CHECK(ringing.on(command::SendOffer{"x"}) == "");
}
