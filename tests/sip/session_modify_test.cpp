#include <doctest/doctest.h>

#include "support/session_driver.hpp"

using namespace boni;
using namespace boni::test;

// --- offers of the peer -------------------------------------------------------------------------------------------------------

TEST_CASE("the peer holds and resumes with re-INVITEs, the SDP is the call's to judge") {
    auto call = confirmed_uas();
    for (auto const* sdp : {"sendonly", "inactive", "c=0.0.0.0", "sendrecv"}) {
        CHECK(call.on(call.invite(sdp)) == fmt::format("100 | offer {}", sdp));
        CHECK(call.on(command::AnswerOffer{"answer"}) == "200 answer");
        CHECK(call.on(call.ack()) == "");
    }
    CHECK(call.session.state() == "confirmed");
}

TEST_CASE("a re-INVITE without SDP asks for our offer, its ACK answers") {
    auto call = confirmed_uas();
    CHECK(call.on(call.invite()) == "100 | offer wanted");
    CHECK(call.on(command::AnswerOffer{"our offer"}) == "200 our offer");
    CHECK(call.on(call.ack("their answer")) == "| answer their answer");
    CHECK(call.on(call.invite()) == "100 | offer wanted");
    call.on(command::AnswerOffer{"our offer"});
    CHECK(call.on(call.ack()) == "BYE@peer | ended incompatible");
}

TEST_CASE("a refused offer keeps the old session") {
    auto call = confirmed_uas();
    call.on(call.invite("strange"));
    CHECK(call.on(command::RefuseOffer{}) == "488");
    CHECK(call.on(call.ack()) == "");
    CHECK(call.on(call.invite("better")) == "100 | offer better");
    call.on(command::AnswerOffer{"answer"});
    call.on(call.ack());
    CHECK(call.on(call.request(Method::update, "strange")) == "| offer strange");
    CHECK(call.on(command::RefuseOffer{504}) == "504");
    CHECK(call.session.state() == "confirmed");
}

TEST_CASE("an UPDATE changes the session without an ACK") {
    auto call = confirmed_uas();
    CHECK(call.on(call.request(Method::update, "offer 2")) == "| offer offer 2");
    CHECK(call.on(command::AnswerOffer{"answer 2"}) == "200 answer 2");
    CHECK(call.on(call.request(Method::update)) == "200");
}

TEST_CASE("a second offer while one is open gets 500 with Retry-After") {
    auto call = confirmed_uas();
    call.on(call.invite("one"));
    CHECK(call.on(call.invite("two")) == "500");
    CHECK(call.responded().retry_after == 5);
    CHECK(call.on(call.request(Method::update, "three")) == "500");
}

TEST_CASE("a re-INVITE before the ACK of the last one waits") {
    auto call = confirmed_uas();
    call.on(call.invite("one"));
    call.on(command::AnswerOffer{"answer"});
    CHECK(call.on(call.invite("two")) == "500");
}

TEST_CASE("a re-INVITE can be taken back") {
    auto call = confirmed_uas();
    call.on(call.invite("one"));
    CHECK(call.on(call.request(Method::cancel)) == "487 | offer taken back");
    CHECK(call.on(command::AnswerOffer{"too late"}) == "");
    CHECK(call.on(call.invite("two")) == "100 | offer two");
}

TEST_CASE("an offer that our call never answers ends with the guard") {
    auto call = confirmed_uas();
    call.on(call.invite("one"));
    CHECK(call.pass(32s) == "guard offer, 487, BYE@peer | ended guard");
}

TEST_CASE("the 200 to a re-INVITE is repeated until its ACK") {
    auto call = confirmed_uas();
    call.on(call.invite("one"));
    call.on(command::AnswerOffer{"answer"});
    CHECK(call.pass(1500ms) == "again; again");
    call.on(call.ack());
    CHECK(call.pass(40s) == "");
}

TEST_CASE("a re-INVITE without ACK ends the call") {
    auto call = confirmed_uas();
    call.on(call.invite("one"));
    call.on(command::AnswerOffer{"answer"});
    CHECK(call.pass(32s).ends_with("guard no_ack, BYE@peer | ended no_ack"));
}

TEST_CASE("requests out of order are refused, other methods have their answer") {
    auto call = confirmed_uas();
    auto old = call.request(Method::info);
    old.cseq = 1;
    CHECK(call.on(old) == "500");
    auto foreign = call.request(Method::info);
    foreign.remote_tag = "stranger";
    CHECK(call.on(foreign) == "481");
    CHECK(call.on(call.request(Method::options)) == "200");
    CHECK(call.responded().allow.size() == 8);   // REFER and NOTIFY only where the trunk has `refer`
    CHECK(call.on(call.request(Method::other)) == "405");
    CHECK(call.on(call.request(Method::refer)) == "603");
    CHECK(call.on(call.request(Method::notify)) == "481");
    CHECK(call.on(call.request(Method::prack)) == "481");
}

TEST_CASE("a digit comes in INFO in both body types, once") {
    auto call = confirmed_uas();
    auto const five = call.request(Method::info, "Signal=5\r\nDuration=250\r\n", "application/dtmf-relay");
    CHECK(call.on(five) == "200 | digit 5 250");
    CHECK(call.on(five) == "again");
    CHECK(call.on(call.request(Method::info, "#\r\n", "application/dtmf")) == "200 | digit # 160");
    CHECK(call.on(call.request(Method::info, "Signal= 10\r\nDuration= 99999999999\r\n", "Application/DTMF-Relay; x=y")) == "200 | digit * 160");
    CHECK(call.on(call.request(Method::info, "Signal=11\nDuration=-5", "application/dtmf-relay")) == "200 | digit # 0");
    CHECK(call.on(call.request(Method::info, "Duration=5\nSignal=A", "application/dtmf-relay")) == "200 | digit A 5");
    CHECK(call.on(call.request(Method::info, "signal = a\r\nduration = 80\r\n", "application/dtmf-relay")) == "200 | digit A 80");
    CHECK(call.on(call.request(Method::info, "SIGNAL:d", "application/dtmf-relay")) == "200 | digit D 160");
    for (auto const& [event, key] : {std::pair{12, 'A'}, {13, 'B'}, {14, 'C'}, {15, 'D'}})
        CHECK(call.on(call.request(Method::info, fmt::format("Signal={}\r\n", event), "application/dtmf-relay")) == fmt::format("200 | digit {} 160", key));
    CHECK(call.on(call.request(Method::info, " 5 \r\n", "application/dtmf")) == "200 | digit 5 160");
    CHECK(call.on(call.request(Method::info, "\tb", "application/dtmf")) == "200 | digit B 160");
    CHECK(call.on(call.request(Method::info, "Signal=7\r\nDuration=90\r\n", "application/dtmf")) == "200 | digit 7 90");
    CHECK(call.on(call.request(Method::info, "Signal=16\r\n", "application/dtmf-relay")) == "200");
    CHECK(call.on(call.request(Method::info, "16", "application/dtmf")) == "200");
    for (auto const* bad : {"Signal=", "Signal=E\r\n", "Signal", "Signal=55", "nothing", "Signal=17", "Signal=e", "Signals=5", "Signal=\r\n5"})
        CHECK(call.on(call.request(Method::info, bad, "application/dtmf-relay")) == "400");
    CHECK(call.on(call.request(Method::info, "x", "text/plain")) == "415");
    CHECK(call.on(call.request(Method::info)) == "200");
}

// --- offers of ours -------------------------------------------------------------------------------------------------------------

TEST_CASE("our re-INVITE is answered and acknowledged, and a repeated 2xx gets the ACK again") {
    auto call = confirmed_uac();
    CHECK(call.on(command::SendOffer{"hold"}) == "INVITE@peer hold");
    auto const ok = call.response(Method::invite, 200, "held");
    CHECK(call.on(ok) == "ACK@peer | answer held");
    CHECK(call.on(ok) == "ACK@peer");
}

TEST_CASE("a refused re-INVITE keeps the old session") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"hold"});
    CHECK(call.on(call.response(Method::invite, 488)) == "| offer failed 488");
    CHECK(call.session.state() == "confirmed");
    CHECK(call.on(call.invite("theirs")) == "100 | offer theirs");
}

TEST_CASE("a re-INVITE whose 200 has no answer has failed") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"hold"});
    CHECK(call.on(call.response(Method::invite, 200)) == "ACK@peer | offer failed 488");
}

TEST_CASE("an offer waits for a quiet moment, and only the last one counts") {
    auto call = confirmed_uas();
    call.on(call.invite("theirs"));
    CHECK(call.on(command::SendOffer{"first"}) == "");
    CHECK(call.on(command::SendOffer{"second"}) == "");
    CHECK(call.on(command::AnswerOffer{"answer"}) == "200 answer");
    CHECK(call.on(call.ack()) == "INVITE@peer second");
}

TEST_CASE("glare: the peer's re-INVITE gets 491 while ours is open") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"ours"});
    CHECK(call.on(call.invite("theirs")) == "491");
    CHECK(call.on(call.request(Method::update, "theirs")) == "491");
    CHECK(call.on(call.request(Method::update)) == "200");
}

TEST_CASE("glare: after a 491 the caller waits 2.1-4 s, the called 0-2 s") {
    for (std::uint32_t const extreme : {0u, 1u}) {
        auto const random = [extreme](std::uint32_t bound) { return extreme * (bound - 1); };
        auto caller = confirmed_uac({.session_expires = 0, .random = random});
        caller.on(command::SendOffer{"ours"});
        CHECK(caller.on(caller.response(Method::invite, 491)) == "");
        CHECK(caller.tick() == "INVITE@peer ours");
        CHECK(caller.waited == (extreme ? 4000ms : 2100ms));
        auto called = confirmed_uas({.session_expires = 0, .random = random});
        called.on(command::SendOffer{"ours"});
        CHECK(called.on(called.response(Method::invite, 491)) == "");
        CHECK(called.tick() == "INVITE@peer ours");
        CHECK(called.waited == (extreme ? 2000ms : 0ms));
    }
}

TEST_CASE("glare does not go on for ever") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"ours"});
    int tries = 1;
    while (call.on(call.response(Method::invite, 491)).empty() && call.tick() == "INVITE@peer ours") ++tries;
    CHECK(tries == 9);
    CHECK(call.session.state() == "confirmed");
}

TEST_CASE("a newer offer replaces one that waits after a glare") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"old"});
    call.on(call.response(Method::invite, 491));
    CHECK(call.on(command::SendOffer{"new"}) == "");
    CHECK(call.tick() == "INVITE@peer new");
}

TEST_CASE("a 500 with Retry-After is tried again, but not after more than 10 s") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"ours"});
    auto busy = call.response(Method::invite, 500);
    busy.headers.retry_after = 3600;
    CHECK(call.on(busy) == "");
    CHECK(call.tick() == "INVITE@peer ours");
    CHECK(call.waited == 10s);
    CHECK(call.on(call.response(Method::invite, 500)) == "| offer failed 500");
}

TEST_CASE("481 and 408 on a request in the dialog end it, 481 without a BYE") {
    for (auto const status : {481, 408}) {
        auto call = confirmed_uac();
        call.on(command::SendOffer{"ours"});
        CHECK(call.on(call.response(Method::invite, status)) == (status == 481 ? "| ended network_failure" : "BYE@peer | ended network_failure"));
        CHECK(call.ending.sip_status == status);
        CHECK_FALSE(call.ending.by_peer);
        CHECK(call.ending.ended_by.has_value() == (status == 408));
        CHECK(call.session.done() == (status == 481));
    }
}

TEST_CASE("a re-INVITE that gets no answer ends the call, by the transport's word or the guard") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"ours"});
    CHECK(call.on(Failed{call.latest[Method::invite].transaction, "timeout"}) == "BYE@peer | ended network_failure");
    CHECK_FALSE(call.ending.by_peer);
    auto other = confirmed_uac();
    other.on(command::SendOffer{"ours"});
    CHECK(other.pass(32s) == "guard reinvite, BYE@peer | ended guard");
}

TEST_CASE("a 200 to a re-INVITE that our BYE overtook is acknowledged") {
    auto call = confirmed_uac();
    call.on(command::SendOffer{"ours"});
    auto const ok = call.response(Method::invite, 200, "answer");
    CHECK(call.on(command::Hangup{}) == "BYE@peer | ended normal");
    CHECK(call.on(ok) == "ACK@peer");
}
