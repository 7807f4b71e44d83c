#include <doctest/doctest.h>

#include "support/session_driver.hpp"

using namespace boni;
using namespace boni::test;

namespace {

SessionDriver ringing(std::string offer = "offer") {
    SessionDriver call{Role::uas, {.session_expires = 0}};
    call.on(call.invite(std::move(offer)));
    call.on(command::Ring{});
    return call;
}

/// The peer's INVITE says Require: 100rel.
SessionDriver reliable(std::string offer = "offer") {
    SessionDriver call{Role::uas, {.session_expires = 0}};
    auto invite = call.invite(std::move(offer));
    invite.headers.require = {"100rel"};
    call.on(invite);
    return call;
}

}  // namespace

TEST_CASE("a call comes in, rings, is answered and hung up by the peer") {
    SessionDriver call{Role::uas};
    CHECK(call.on(call.invite("offer")) == "100 | incoming offer");
    CHECK(call.session.state() == "proceeding");
    CHECK(call.on(command::Ring{}) == "180");
    CHECK(call.session.state() == "early");
    CHECK(call.on(command::Answer{"answer"}) == "200 answer");
    CHECK(call.session.state() == "accepted");
    CHECK(call.on(call.ack()) == "| confirmed");
    CHECK(call.session.state() == "confirmed");
    CHECK(call.on(call.bye()) == "200 | ended normal");
    CHECK(call.ending.by_peer);
    CHECK(call.ending.answered);
    CHECK(call.ending.q850 == 16);
    CHECK(call.session.done());
    CHECK_FALSE(call.session.wake());
}

TEST_CASE("early media travels in a 183, as a preview of the answer") {
    auto call = ringing();
    CHECK(call.on(command::EarlyMedia{"preview"}) == "183 preview");
    CHECK(call.on(command::Answer{"answer"}) == "200 answer");
}

TEST_CASE("a 2xx without ACK is repeated from T1 to T2 and ends with BYE after 64 T1") {
    auto call = ringing();
    call.on(command::Answer{"answer"});
    std::vector<int> intervals;
    std::string line;
    while ((line = call.tick()) == "again") intervals.push_back(int(call.waited.count()));
    CHECK(intervals == std::vector<int>{500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000});
    CHECK(line == "guard no_ack, BYE@peer | ended no_ack");
    CHECK(call.ending.answered);
    CHECK(call.ending.guard == "no_ack");
    CHECK_FALSE(call.session.done());
    CHECK(call.on(call.response(Method::bye, 200)) == "");
    CHECK(call.session.done());
}

TEST_CASE("an INVITE that the transport could not absorb gets the same answer again") {
    SessionDriver call{Role::uas};
    auto const invite = call.invite("offer");
    call.on(invite);
    CHECK(call.on(invite) == "");
    call.on(command::Answer{"answer"});
    CHECK(call.on(invite) == "again");
}

TEST_CASE("a late offer is made in the 200 and answered in the ACK") {
    SessionDriver call{Role::uas};
    CHECK(call.on(call.invite()) == "100 | incoming");
    CHECK(call.on(command::Answer{"our offer"}) == "200 our offer");
    CHECK(call.on(call.ack("their answer")) == "| answer their answer, confirmed");
}

TEST_CASE("a late offer without an answer in the ACK ends with BYE") {
    SessionDriver call{Role::uas};
    call.on(call.invite());
    call.on(command::Answer{"our offer"});
    CHECK(call.on(call.ack()) == "BYE@peer | ended incompatible");
    CHECK(call.ending.q850 == 88);
}

TEST_CASE("our offer never travels in an unreliable provisional") {
    SessionDriver call{Role::uas};
    call.on(call.invite());
    CHECK(call.on(command::EarlyMedia{"sdp"}) == "183");
}

TEST_CASE("the peer cancels while it rings") {
    auto call = ringing();
    auto cancel = call.request(Method::cancel);
    cancel.headers.reason = Reason{"Q.850", 102, "gone"};
    CHECK(call.on(cancel) == "487 | ended caller_cancelled");
    CHECK(call.ending.by_peer);
    CHECK_FALSE(call.ending.answered);
    CHECK(call.ending.q850 == 102);
    CHECK(call.ending.ended_by == EndedBy{Method::cancel, true, Reason{"Q.850", 102, "gone"}});
    CHECK(call.session.done());
}

TEST_CASE("a CANCEL after the 200 changes nothing") {
    auto call = ringing();
    call.on(command::Answer{"answer"});
    CHECK(call.on(call.request(Method::cancel)) == "");
    CHECK(call.on(call.ack()) == "| confirmed");
}

TEST_CASE("a BYE in the early dialog ends the INVITE too") {
    auto call = ringing();
    CHECK(call.on(call.bye()) == "200, 487 | ended caller_cancelled");
    CHECK(call.session.done());
}

TEST_CASE("a BYE that overtakes the ACK ends the call and stops the 2xx") {
    auto call = ringing();
    call.on(command::Answer{"answer"});
    CHECK(call.on(call.bye()) == "200 | ended normal");
    CHECK_FALSE(call.session.wake());
    CHECK(call.session.done());
}

TEST_CASE("an ACK of another dialog confirms nothing") {
    auto call = ringing();
    call.on(command::Answer{"answer"});
    auto stray = call.ack();
    stray.remote_tag = "somebody";
    CHECK(call.on(stray) == "");
    CHECK(call.session.state() == "accepted");
    CHECK(call.on(call.ack()) == "| confirmed");
}

TEST_CASE("a call is refused with the status asked for, else that of its cause, and with a Reason") {
    struct Row { int status; Cause cause; int sent; int q850; };
    for (auto const& row : {Row{486, Cause::busy, 486, 17},
                            {0, Cause::busy, 486, 17},
                            {0, Cause::rejected, 603, 21},
                            {404, Cause::unallocated, 404, 1},
                            {0, Cause::normal, 480, 16},
                            {503, Cause::overload, 503, 42},
                            {200, Cause::normal, 480, 16}}) {
        auto call = ringing();
        CHECK(call.on(command::Reject{row.status, row.cause, 7, {}}) == fmt::format("{} | ended {}", row.sent, name(row.cause)));
        CHECK(call.responded().reason == Reason{"Q.850", row.q850, ""});
        CHECK(call.responded().retry_after == 7);
        CHECK(call.session.done());
    }
}

TEST_CASE("every provisional starts the INVITE's guard anew, and silence ends it") {
    SessionDriver call{Role::uas};
    call.on(call.invite("offer"));
    CHECK(call.pass(179s) == "");
    call.on(command::Ring{});
    CHECK(call.pass(179s) == "again; again");
    CHECK(call.pass(1s) == "guard invite, 480 | ended guard");
    CHECK(call.ending.guard == "invite");
    CHECK(call.ending.q850 == 102);
}

TEST_CASE("ringing is repeated every minute, and ends after 300 s however often the call says so") {
    auto call = ringing();
    for (int i = 0; i < 2; ++i) {
        CHECK(call.pass(60s) == "again");
        CHECK(call.pass(60s) == "again");
        call.on(command::Ring{});
    }
    CHECK(call.pass(60s) == "guard early_dialog, 480 | ended guard");
}

TEST_CASE("requests that must be refused are, and the call hears of none") {
    struct Row { std::string_view what; void (*change)(Request&); int status; };
    for (auto const& row : {
             Row{"unknown Require", [](Request& r) { r.headers.require = {"timer", "sec-agree"}; }, 420},
             {"own loop", [](Request& r) { r.looped = true; }, 482},
             {"Max-Forwards 0", [](Request& r) { r.max_forwards = 0; }, 483},
             {"a body that is no SDP", [](Request& r) { r.body = {"text/plain", "hello"}; }, 415},
             {"multipart without SDP", [](Request& r) { r.body = {"multipart/mixed;boundary=b", "--b\r\nContent-Type: x/y\r\n\r\nz\r\n--b--"}; },
              415},
             {"session interval too small", [](Request& r) { r.headers.supported = {"timer"}, r.headers.session_expires = SessionExpires{60}; }, 422},
         }) {
        CAPTURE(row.what);
        SessionDriver call{Role::uas};
        auto invite = call.invite("offer");
        row.change(invite);
        auto const line = call.on(invite);
        CHECK(line.starts_with(std::to_string(row.status) + " | ended "));
        CHECK(call.ending.sip_status == row.status);
        CHECK(call.session.done());
        auto const headers = call.responded();
        if (row.status == 420) CHECK(headers.unsupported == std::vector<std::string>{"sec-agree"});
        if (row.status == 415) CHECK(headers.accept.size() == 2);
        if (row.status == 422) CHECK(headers.min_se == 90);
    }
}

TEST_CASE("the SDP part of a multipart INVITE is the offer") {
    SessionDriver call{Role::uas};
    auto invite =
        call.request(Method::invite, "--b\r\nContent-Type: application/isup\r\n\r\nx\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--",
                     "multipart/mixed; boundary=\"b\"");
    CHECK(call.on(invite) == "100 | incoming v=0");
}

// --- reliable provisional responses (RFC 3262) --------------------------------------------------------------------------------

TEST_CASE("a reliable 183 without SDP is acknowledged by PRACK") {
    auto call = reliable();
    CHECK(call.on(command::Ring{}) == "180 reliable");
    CHECK(has_tag(call.responded().require, "100rel"));
    CHECK(call.on(call.prack()) == "200");
    CHECK(call.pass(20s) == "");
    CHECK(call.on(command::Answer{"answer"}) == "200 answer");
}

TEST_CASE("a reliable 183 carries the answer, and the 200 does not repeat it") {
    auto call = reliable();
    CHECK(call.on(command::EarlyMedia{"answer"}) == "183 reliable answer");
    CHECK(call.on(command::Answer{"answer"}) == "");   // RFC 3262 3: not before its PRACK
    CHECK(call.accepted == 0);
    CHECK(call.on(call.prack()) == "200, 200");
    CHECK(call.session.state() == "accepted");
    CHECK(call.accepted == 1);
}

TEST_CASE("a reliable 183 carries our offer after an INVITE without SDP, PRACK the answer") {
    auto call = reliable("");
    CHECK(call.on(command::EarlyMedia{"our offer"}) == "183 reliable our offer");
    CHECK(call.on(call.prack("their answer")) == "200 | answer their answer");
    CHECK(call.on(command::Answer{"unused"}) == "200");
    CHECK(call.on(call.ack()) == "| confirmed");
}

TEST_CASE("reliable ringing after an INVITE without SDP carries our offer, and the 183 after it none") {
    auto call = reliable("");
    CHECK(call.on(command::Ring{"our offer"}) == "180 reliable our offer");
    CHECK(call.on(command::EarlyMedia{"our offer"}) == "");   // one at a time
    CHECK(call.on(call.prack("their answer")) == "200, 183 reliable | answer their answer");
    CHECK(call.on(call.prack()) == "200");
    CHECK(call.on(command::Answer{"our offer"}) == "200");
}

TEST_CASE("a PRACK without the answer to our offer ends the call") {
    auto call = reliable("");
    call.on(command::EarlyMedia{"our offer"});
    CHECK(call.on(call.prack()) == "200, 488 | ended incompatible");
}

TEST_CASE("a PRACK may carry a new offer once the first one is answered") {
    auto call = reliable();
    call.on(command::EarlyMedia{"answer"});
    CHECK(call.on(call.prack("second offer")) == "| offer second offer");
    CHECK(call.on(command::Answer{"x"}) == "");
    CHECK(call.on(command::AnswerOffer{"second answer"}) == "200 second answer, 200");
}

TEST_CASE("a reliable provisional without PRACK is repeated with doubling intervals, then 504") {
    auto call = reliable();
    call.on(command::Ring{});
    std::vector<int> intervals;
    std::string line;
    while ((line = call.tick()) == "again") intervals.push_back(int(call.waited.count()));
    CHECK(intervals == std::vector<int>{500, 1000, 2000, 4000, 8000, 16000});
    CHECK(line == "guard prack, 504 | ended guard");
    CHECK(call.session.done());
}

TEST_CASE("reliable provisionals go out one at a time, the last one with SDP wins the wait") {
    auto call = reliable();
    call.on(command::Ring{});
    auto const first = call.rseq;
    CHECK(call.on(command::EarlyMedia{"answer"}) == "");
    CHECK(call.on(command::Ring{}) == "");
    CHECK(call.on(call.prack()) == "200, 183 reliable answer");
    CHECK(call.rseq == first + 1);
    CHECK(call.on(call.prack()) == "200");
}

TEST_CASE("a PRACK for something else is refused with 481") {
    auto call = reliable();
    call.on(command::Ring{});
    auto wrong = call.prack();
    wrong.headers.rack->rseq += 1;
    CHECK(call.on(wrong) == "481");
    CHECK(call.on(call.prack()) == "200");
    CHECK(call.on(call.prack()) == "481");
}

TEST_CASE("the 200 may overtake the PRACK of a 180 without SDP") {
    auto call = reliable();
    call.on(command::Ring{});
    auto const late = call.prack();
    CHECK(call.on(command::Answer{"answer"}) == "200 answer");
    CHECK(call.on(late) == "200");
    call.on(call.ack());
    CHECK(call.pass(20s) == "");
}

TEST_CASE("a peer that only supports 100rel gets unreliable provisionals") {
    SessionDriver call{Role::uas};
    auto invite = call.invite("offer");
    invite.headers.supported = {"100rel"};
    call.on(invite);
    CHECK(call.on(command::Ring{}) == "180");
}

TEST_CASE("an UPDATE before the answer: 500 while our answer is owed, a new offer once it was given") {
    auto call = reliable();
    CHECK(call.on(call.request(Method::update, "offer 2")) == "500");
    CHECK(call.responded().retry_after);
    call.on(command::EarlyMedia{"answer"});
    call.on(call.prack());
    CHECK(call.on(call.request(Method::update, "offer 2")) == "| offer offer 2");
    CHECK(call.on(command::AnswerOffer{"answer 2"}) == "200 answer 2");
    CHECK(call.on(command::Answer{"answer 2"}) == "200");
}

TEST_CASE("an UPDATE while it rings does not start the session timer") {
    SessionDriver call{Role::uas};
    call.on(call.invite("offer"));
    call.on(command::Ring{});
    auto update = call.request(Method::update);
    update.headers.supported = {"timer"};
    update.headers.session_expires = SessionExpires{90, Refresher::uac};
    CHECK(call.on(update) == "200");
    CHECK(call.pass(100s) == "again");
}

TEST_CASE("an INVITE that expires before its answer is over, as its Expires said") {
    for (auto const answered : {false, true}) {
        SessionDriver call{Role::uas, {.session_expires = 0}};
        auto invite = call.invite("offer");
        invite.headers.expires = 20;
        call.on(invite);
        call.on(command::Ring{});
        if (answered) {
            call.on(command::Answer{"answer"});
            call.on(call.ack());
            CHECK(call.pass(1min).empty());
            continue;
        }
        CHECK(call.tick() == "487 | ended caller_cancelled");
        CHECK(call.waited == 20s);
        CHECK(call.ending.by_peer);
        CHECK(call.ending.sip_status == 487);
        CHECK(call.session.done());
    }
}

TEST_CASE("a refused offer says what is wrong with it") {
    auto call = ringing();
    CHECK(call.on(command::Reject{.status = 488, .cause = Cause::incompatible, .warning = "no codec"}) == "488 | ended incompatible");
    CHECK(call.responded().warning == "no codec");
    auto running = confirmed_uas();
    running.on(running.invite("odd"));
    CHECK(running.on(command::RefuseOffer{488, "no audio"}) == "488");
    CHECK(running.responded().warning == "no audio");
}
