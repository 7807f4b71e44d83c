// The small values below the state machine: deadlines, offer/answer, causes, message bodies.
#include <doctest/doctest.h>

#include "sip/cause.hpp"
#include "sip/message.hpp"
#include "sip/offer_answer.hpp"
#include "sip/timers.hpp"

using namespace boni;
using namespace boni::sip;

TEST_CASE("deadlines come due in order, one per name and transaction") {
    Deadlines deadlines;
    Steady const start{};
    CHECK_FALSE(deadlines.next());
    deadlines.set(Timer::bye, start + 3s, 1);
    deadlines.set(Timer::bye, start + 2s, 2);
    deadlines.set(Timer::glare, start + 5s);
    deadlines.set(Timer::glare, start + 1s);
    CHECK(deadlines.next() == start + 1s);
    CHECK_FALSE(deadlines.take_due(start));
    CHECK(deadlines.take_due(start + 9s)->timer == Timer::glare);
    CHECK(deadlines.take_due(start + 9s)->transaction == 2);
    deadlines.clear(Timer::bye, 2);
    CHECK(deadlines.next() == start + 3s);
    deadlines.set(Timer::invite, start);
    deadlines.keep_only({Timer::bye});
    CHECK(deadlines.take_due(start + 3s)->transaction == 1);
    CHECK_FALSE(deadlines.next());
}

TEST_CASE("offers and answers alternate") {
    OfferAnswer media;
    CHECK_FALSE(media.send_answer("x"));
    CHECK_FALSE(media.receive_answer("x"));
    CHECK(media.receive_offer("theirs"));
    CHECK_FALSE(media.receive_offer("again"));
    CHECK_FALSE(media.send_offer("glare"));
    CHECK_FALSE(media.receive_answer("x"));
    CHECK(media.open());
    CHECK_FALSE(media.agreed());
    CHECK(media.send_answer("ours"));
    CHECK(media.local() == "ours");
    CHECK(media.remote() == "theirs");
    CHECK(media.send_offer("new"));
    CHECK(media.local() == "ours");
    media.roll_back();
    CHECK(media.state() == OfferAnswer::State::stable);
    CHECK(media.send_offer("newer"));
    CHECK(media.receive_answer("yes"));
    CHECK(media.local() == "newer");
    CHECK(media.remote() == "yes");
    OfferAnswer fresh;
    fresh.send_offer("x");
    fresh.roll_back();
    CHECK(fresh.state() == OfferAnswer::State::none);
}

TEST_CASE("every status has the cause of the table") {
    struct Row { int status; Cause before, after; };
    for (auto const& row : {
             Row{486, Cause::busy, Cause::busy}, {600, Cause::busy, Cause::busy}, {603, Cause::rejected, Cause::rejected},
             {403, Cause::rejected, Cause::rejected}, {302, Cause::rejected, Cause::rejected}, {420, Cause::rejected, Cause::rejected},
             {404, Cause::unallocated, Cause::unallocated}, {410, Cause::unallocated, Cause::unallocated},
             {485, Cause::unallocated, Cause::unallocated}, {604, Cause::unallocated, Cause::unallocated},
             {484, Cause::invalid_number, Cause::invalid_number}, {416, Cause::invalid_number, Cause::invalid_number},
             {480, Cause::unreachable, Cause::no_answer}, {430, Cause::unreachable, Cause::unreachable},
             {502, Cause::destination_out_of_order, Cause::destination_out_of_order}, {500, Cause::congestion, Cause::congestion},
             {503, Cause::congestion, Cause::congestion}, {599, Cause::congestion, Cause::congestion},
             {504, Cause::network_failure, Cause::network_failure}, {408, Cause::network_failure, Cause::no_answer},
             {488, Cause::incompatible, Cause::incompatible}, {606, Cause::incompatible, Cause::incompatible},
             {415, Cause::incompatible, Cause::incompatible}, {401, Cause::auth_failed, Cause::auth_failed},
             {407, Cause::auth_failed, Cause::auth_failed},
         }) {
        CAPTURE(row.status);
        CHECK(cause_of_failure(row.status, std::nullopt, Rang::no) == row.before);
        CHECK(cause_of_failure(row.status, std::nullopt, Rang::yes) == row.after);
    }
}

TEST_CASE("a Q.850 cause outranks the status where it says more") {
    CHECK(cause_of_failure(503, Reason{"Q.850", 34, ""}, Rang::no) == Cause::no_circuit);
    CHECK(cause_of_failure(480, Reason{"Q.850", 17, ""}, Rang::no) == Cause::busy);
    CHECK(cause_of_failure(486, Reason{"Q.850", 16, ""}, Rang::no) == Cause::busy);
    CHECK(cause_of_failure(486, Reason{"Q.850", 999, ""}, Rang::no) == Cause::busy);
    CHECK(cause_of_failure(486, Reason{"SIP", 1, ""}, Rang::no) == Cause::busy);
    CHECK(cause_of_failure(407, Reason{"Q.850", 17, ""}, Rang::no) == Cause::auth_failed);
}

TEST_CASE("each cause has its status of the call, Q.850 number and refusal") {
    CHECK(status_of(Cause::normal, true) == model::CallStatus::completed);
    CHECK(status_of(Cause::normal, false) == model::CallStatus::no_answer);
    CHECK(status_of(Cause::busy, false) == model::CallStatus::failed);
    CHECK(status_of(Cause::media_timeout, true) == model::CallStatus::completed);
    CHECK(status_of(Cause::node_lost, true) == model::CallStatus::failed);
    CHECK(consequence(Cause::unallocated).refusal == 404);
    CHECK(consequence(Cause::session_expired).q850 == 102);
    for (auto const& [cause, word] : names_of<Cause>) {
        CAPTURE(word);
        CHECK(consequence(cause).q850 >= 1);
        CHECK(consequence(cause).q850 <= 127);
        CHECK(consequence(cause).refusal >= 400);
        CHECK(consequence(cause).refusal <= 699);
    }
}

TEST_CASE("bodies are known by their type, with parameters and in any case") {
    CHECK(body_part({}).kind == BodyKind::none);
    CHECK(body_part({"application/sdp", ""}).kind == BodyKind::none);
    CHECK(body_part({"Application/SDP ; charset=utf-8", "v=0"}).text == "v=0");
    CHECK(body_part({"application/dtmf-relay", "Signal=1"}).kind == BodyKind::dtmf_relay);
    CHECK(body_part({"application/dtmf", "1"}).kind == BodyKind::dtmf);
    CHECK(body_part({"text/plain", "v=0"}).kind == BodyKind::unsupported);
    CHECK(body_part({"", "v=0"}).kind == BodyKind::unsupported);
}

TEST_CASE("SDP is found in a multipart body, and only a well-formed one") {
    auto const find = [](std::string type, std::string text) { return body_part({std::move(type), std::move(text)}); };
    CHECK(find("multipart/mixed;boundary=x", "preamble\r\n--x\r\nC: application/sdp\r\n\r\nv=0\r\ns=-\r\n--x--\r\n").text == "v=0\r\ns=-");
    CHECK(
        find("multipart/mixed; boundary=\"x y\"", "--x y\nContent-Type: application/isup\n\nq\n--x y\nContent-Type: application/sdp\n\nv=0\n--x y--")
            .kind == BodyKind::sdp);
    for (auto const* bad : {"", "--x", "--x--", "--x\r\n", "--x\r\nContent-Type: text/plain\r\n\r\nv=0\r\n--x--", "v=0",
                            "--x--\r\nContent-Type: application/sdp\r\n\r\nv=0"}) {
        CAPTURE(bad);
        CHECK(find("multipart/mixed;boundary=x", bad).kind != BodyKind::sdp);
    }
    CHECK(find("multipart/mixed", "--\r\nContent-Type: application/sdp\r\n\r\nv=0").kind == BodyKind::unsupported);
    CHECK(find("multipart/mixed;boundary=" + std::string(71, 'x'), "v=0").kind == BodyKind::unsupported);
    std::string many;
    for (int i = 0; i < 9; ++i) many += "--x\r\nContent-Type: text/plain\r\n\r\n\r\n";
    CHECK(find("multipart/mixed;boundary=x", many + "--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x--").kind == BodyKind::unsupported);
}

TEST_CASE("methods have their names, in capitals only") {
    CHECK(method_of("INVITE") == Method::invite);
    CHECK(method_of("invite") == Method::other);
    CHECK(method_of("REGISTER") == Method::other);
    CHECK(method_name(Method::prack) == "PRACK");
}

TEST_CASE("an encoded body is not read, and the 415 says which encodings would be") {
    Body const zipped{"application/sdp", "v=0", "gzip"}, plain{"application/sdp", "v=0", "Identity"};
    CHECK(body_part(zipped).kind == BodyKind::unsupported);
    CHECK(body_part(plain).kind == BodyKind::sdp);
    CHECK(acceptable(zipped, {"application/sdp"}).accept_encoding == std::vector<std::string>{"identity"});
    CHECK(acceptable(zipped, {"application/sdp"}).accept.empty());
    CHECK(acceptable(plain, {"application/sdp"}).accept == std::vector<std::string>{"application/sdp"});
}
