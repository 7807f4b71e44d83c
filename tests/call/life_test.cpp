#include "support/call_stage.hpp"
#include "support/descriptor.hpp"

using namespace boni;
using test::CallStage;
using Sip = std::vector<std::string>;

namespace {

constexpr auto play_a = R"({"actions":[{"action":"play","text":"a"}]})";

}  // namespace

TEST_CASE("180 is sent before anything is written, and the question waits for the commit") {
    CallStage stage;
    stage.server({R"({"type":"hangup"})"});
    stage.invite();
    REQUIRE(stage.until([&] { return !stage.platform.sip.empty(); }));
    CHECK(stage.platform.sip == Sip{"180"});
    CHECK(stage.platform.requests.empty());
    REQUIRE(stage.over());
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.failed");
    CHECK(stage.platform.sip == Sip{"180", "603 rejected"});
    CHECK(stage.last().at("hangupCause") == "rejected");
    CHECK(stage.last().at("hangupBy") == "control_webhook");
    CHECK(stage.last().at("error") == "rejected");
}

TEST_CASE("a play answers the call, and a caller who hangs up leaves no action open") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.server({play_a});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
    stage.bye();
    REQUIRE(stage.over());
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.action.accepted, 4 call.answered, 5 call.completed");
    CHECK(stage.platform.sip == Sip{"180", "200"});   // nothing is sent to a session that is over
    CHECK(stage.last().at("hangupBy") == "caller");
    CHECK(stage.last().at("status") == "completed");
    REQUIRE(stage.rows("action.failed").size() == 1);
    CHECK(stage.rows("action.failed")[0].at("message") == "call_ended");
    CHECK(stage.rows("media.quality").size() == 1);
    CHECK(stage.platform.media.back() == "close");
}

TEST_CASE("an answer that a CANCEL overtakes was none") {
    CallStage stage;
    stage.platform.answers_leave = false;
    stage.server({play_a});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.sip.size() == 2; }));
    CHECK(stage.platform.sip == Sip{"180", "200"});
    stage.cancel();
    REQUIRE(stage.over());
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.action.accepted, 4 call.no_answer");
    CHECK(stage.last().at("hangupCause") == "caller_cancelled");
    CHECK_FALSE(stage.platform.commits.back().call->answered_at);
    CHECK(stage.platform.commits.back().metered.empty());
    CHECK(stage.platform.commits.back().leg.at("sipStatus") == 487);
}

TEST_CASE("a call that we end while its answer is on the way was answered when the 200 has left") {
    for (auto const leaves : {true, false}) {
        CAPTURE(leaves);
        CallStage stage;
        stage.platform.answers_leave = false;
        stage.server({play_a});
        stage.invite();
        REQUIRE(stage.until([&] { return stage.platform.sip.size() == 2; }));
        stage.platform.hung_up = [&] { if (leaves) stage.signal(sip::signal::Accepted{}); };
        REQUIRE(stage.act("hangup"));
        REQUIRE(stage.over());
        CHECK(stage.story().ends_with(leaves ? ", 5 call.answered, 6 call.completed" : ", 5 call.no_answer"));
        CHECK(stage.last().at("hangupCause") == (leaves ? "normal" : "no_answer"));
    }
}

TEST_CASE("a 200 that nobody acknowledges ends the call for that, though no RTP came either") {
    for (auto const late : {true, false}) {
        CAPTURE(late);
        CallStage stage;
        stage.platform.clip_length = 5s;
        stage.platform.answers_arrive = false;
        stage.server({play_a});
        stage.invite();
        REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
        stage.platform.port_event(media::MediaLost{30s});
        if (late) stage.signal(sip::signal::Confirmed{});
        else stage.end({.cause = sip::Cause::no_ack, .answered = true, .q850 = 102, .guard = "no_ack"});
        REQUIRE(stage.over());
        CHECK(stage.last().at("hangupCause") == (late ? "media_timeout" : "no_ack"));
    }
}

TEST_CASE("the timeline tells the SIP message behind each step, and who sent the last one with which Reason") {
    auto const on_wire = [](CallStage const& stage, std::string_view event) { return stage.rows(event).at(0).at("sip"); };
    CallStage by_caller;
    by_caller.platform.clip_length = 5s;
    by_caller.server({play_a});
    by_caller.invite();
    REQUIRE(by_caller.until([&] { return by_caller.platform.playing.size() == 1; }));
    by_caller.bye();
    REQUIRE(by_caller.over());
    CHECK(on_wire(by_caller, "call.inbound.received") == json::value{{"method", "INVITE"}});
    CHECK(on_wire(by_caller, "call.ringing") == json::value{{"method", "INVITE"}, {"status", 180}});
    CHECK(on_wire(by_caller, "call.answered") == json::value{{"method", "INVITE"}, {"status", 200}});
    CHECK(on_wire(by_caller, "call.completed") == json::value{{"method", "BYE"}, {"by", "caller"}, {"reason", "Q.850;cause=16;text=\"Normal\""}});
    CHECK_FALSE(by_caller.last().contains("sip"));           // the event is as it was
    CHECK(by_caller.platform.commits.back().leg.at("lastMessage").at("by") == "caller");

    CallStage by_us;
    by_us.server({R"({"answer":"early","actions":[{"action":"play","text":"a"},{"action":"hangup","reason":"busy"}]})"});
    by_us.invite();
    REQUIRE(by_us.over());
    CHECK(on_wire(by_us, "media.early") == json::value{{"method", "INVITE"}, {"status", 183}});
    CHECK(on_wire(by_us, "call.failed") == json::value{{"method", "INVITE"}, {"status", 486}, {"by", "platform"}, {"reason", "Q.850;cause=17"}});

    CallStage given_up;
    given_up.server({"hold:30000"});
    given_up.invite();
    REQUIRE(given_up.until_row("control.held"));
    given_up.cancel();
    REQUIRE(given_up.over());
    CHECK(on_wire(given_up, "call.no_answer") == json::value{{"method", "CANCEL"}, {"status", 487}, {"by", "caller"}});
}

TEST_CASE("a hang-up by API is a BYE right after its commit, and a second one is refused") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.server({play_a});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
    auto const queued = stage.act("play", {{"text", "b"}});
    REQUIRE(queued);
    CHECK(queued->status == model::ActionStatus::queued);
    REQUIRE(stage.act("hangup"));
    auto const second = stage.act("hangup");
    REQUIRE_FALSE(second);
    CHECK(second.error().token == "call_not_active");
    REQUIRE(stage.over());
    CHECK(stage.platform.sip == Sip{"180", "200", "BYE normal 16"});
    CHECK(stage.rows("call.completed").at(0).at("sip") == json::value{{"method", "BYE"}, {"by", "platform"}, {"reason", "Q.850;cause=16"}});
    CHECK(stage.last().at("hangupBy") == "api");
    CHECK(stage.rows("action.completed").size() == 1);   // the hang-up itself
    CHECK(stage.rows("action.failed").size() == 2);
    auto const late = stage.act("hangup");
    REQUIRE_FALSE(late);
    CHECK(late.error().token == "call_not_active");
}

TEST_CASE("the idempotency answer is written with the action") {
    CallStage stage;
    stage.server({"hold:5000"});
    stage.invite();
    REQUIRE(stage.until_row("control.held"));
    auto const action = stage.act("hangup", {{"reason", "busy"}});
    REQUIRE(action);
    auto const with = std::ranges::find_if(stage.platform.commits, [](store::Commit const& one) { return one.finished.has_value(); });
    REQUIRE(with != stage.platform.commits.end());
    CHECK(with->actions.size() == 1);
    CHECK(with->events.size() == 1);
    CHECK(with->finished->answer.status == 202);
    CHECK(with->finished->answer.body == json::serialize(model::to_json(*action)));
    REQUIRE(stage.over());
    CHECK(stage.platform.sip == Sip{"180", "486 busy"});
}

TEST_CASE("endings that race give one terminal event") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.server({play_a});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
    std::optional<Result<model::Action>> hung_up;
    spawn(stage.platform.io.get_executor(), "test", [](CallStage& on, std::optional<Result<model::Action>>& out) -> Task<> {
        out = co_await on.calls->perform(TenantId::from("ten_1"), on.platform.commits.at(0).call->id, "hangup", {}, "api", {});
    }(stage, hung_up));
    stage.platform.port_event(media::MediaLost{30s});
    stage.bye();
    REQUIRE(stage.over());
    REQUIRE(stage.until([&] { return hung_up.has_value(); }));
    CHECK(std::ranges::count_if(stage.events(), [](auto const& event) { return event.at("data").as_object().contains("final"); }) == 1);
    CHECK(stage.last().at("hangupCause") == "media_timeout");
    for (std::int64_t expected = 1; auto const& event : stage.events()) CHECK(event.at("data").at("sequence").as_int64() == expected++);
}

TEST_CASE("a call that cannot be written is refused, and nobody is asked or told; the next one does not ring before that") {
    CallStage stage;
    stage.server({play_a});
    stage.platform.failing_commits = 1;
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.sip.size() == 2 && stage.calls->live() == 0; }));
    CHECK(stage.platform.sip == Sip{"180", "503 congestion later"});
    stage.invite(2);
    REQUIRE(stage.until([&] { return stage.platform.sip.size() == 3; }));
    CHECK(stage.platform.sip.back() == "503 congestion later");
    CHECK(stage.platform.commits.empty());
    CHECK(stage.platform.requests.empty());
}

TEST_CASE("an answer that cannot be written ends the call; its event is not missed in the sequence") {
    CallStage stage;
    stage.server({play_a});
    stage.invite();
    REQUIRE(stage.until_row("call.action.accepted"));
    stage.platform.failing_commits = 1;
    REQUIRE(stage.over());
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.action.accepted, 4 call.completed");
    CHECK(stage.platform.sip.back() == "BYE congestion 42");
}

TEST_CASE("an action that cannot be written is refused and the call goes on") {
    CallStage stage;
    stage.server({"hold:200"});
    stage.invite();
    REQUIRE(stage.until_row("control.held"));
    stage.platform.failing_commits = 1;
    auto const refused = stage.act("hangup");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
    CHECK(stage.platform.sip == Sip{"180"});
    CHECK(stage.act("hangup"));   // the last word was given back
    REQUIRE(stage.over());
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.action.accepted, 4 call.no_answer");
}

TEST_CASE("the terminal event is tried again when the database is back") {
    CallStage stage;
    stage.server({"hold:5000"});
    stage.invite();
    REQUIRE(stage.until_row("control.held"));
    stage.platform.failing_commits = 1;
    stage.cancel();
    REQUIRE(stage.over());
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.no_answer");
}

TEST_CASE("the terminal event is tried until the database is back, and ends the call where it ended") {
    CallStage stage;
    stage.server({"hold:5000"});
    stage.invite();
    REQUIRE(stage.until_row("control.held"));
    stage.platform.failing_commits = 4;
    auto const cancelled_at = system_clock().now();
    stage.cancel();
    REQUIRE(stage.over());
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.no_answer");
    CHECK(system_clock().now() - cancelled_at > 3s);
    CHECK(*stage.platform.commits.back().call->ended_at - cancelled_at < 1s);
}

TEST_CASE("no RTP port left is 503 with Retry-After") {
    CallStage stage;
    stage.platform.ports_free = 0;
    stage.server({play_a});
    auto over = false;
    auto const said = test::on_standard_error([&] {
        stage.invite();
        over = stage.over();
    });
    REQUIRE(over);
    CHECK(stage.platform.sip == Sip{"180", "503 overload later"});
    CHECK(stage.last().at("hangupCause") == "overload");
    CHECK_MESSAGE(said.contains("its audio has no place"), "who runs the platform has to hear of it");
}

TEST_CASE("unknown numbers and test trunks that do not match are 404 without a call") {
    CallStage stage;
    stage.platform.inbound->tenant.test = true;   // and the trunk is not
    stage.invite(1);
    REQUIRE(stage.until([&] { return stage.platform.sip.size() == 1; }));
    stage.platform.inbound.reset();
    stage.invite(2);
    REQUIRE(stage.until([&] { return stage.platform.sip.size() == 2; }));
    CHECK(stage.platform.sip == Sip{"404 unallocated", "404 unallocated"});
    CHECK(stage.platform.commits.empty());
}

TEST_CASE("max_call_seconds ends an answered call") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.platform.inbound->tenant.limits["max_call_seconds"] = 0.05;
    stage.server({play_a});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.last().at("hangupCause") == "max_duration");
    CHECK(stage.platform.sip.back() == "BYE max_duration 16");
}

TEST_CASE("a drain refuses new calls and ends the others at its limit") {
    CallStage stage;
    stage.server({"hold:5000"});
    stage.invite(1);
    REQUIRE(stage.until_row("control.held"));
    bool drained = false;
    spawn(stage.platform.io.get_executor(), "test", [](CallStage& on, bool& done) -> Task<> {
        co_await on.calls->drain(50ms);
        done = true;
    }(stage, drained));
    bool begun = false;
    asio::post(stage.platform.io, [&] { begun = true; });
    REQUIRE(stage.until([&] { return begun; }));
    stage.invite(2);
    REQUIRE(stage.until([&] { return drained; }));
    CHECK(stage.platform.sip == Sip{"180", "503 draining later", "503 draining"});
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.failed");
    CHECK(stage.last().at("error") == "draining");
}

TEST_CASE("sixteen plays wait, the next is refused; before the answer they are early media") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.server({"hold:5000"});
    stage.invite();
    REQUIRE(stage.until_row("control.held"));
    for (int i = 0; i < 17; ++i) CHECK(stage.act("play", {{"text", "x"}}));
    auto const refused = stage.act("play", {{"text", "x"}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().token == "play_queue_full");
    CHECK(stage.platform.sip == Sip{"180", "183"});
    stage.cancel();
    REQUIRE(stage.over());
    CHECK(stage.rows("action.failed").size() == 17);
}

TEST_CASE("an observer sees every event and row once, events as they are delivered") {
    CallStage stage;
    stage.server({R"({"actions":[{"action":"hangup","reason":"busy"}]})"});
    stage.invite();
    REQUIRE(stage.over());
    std::string story;
    for (auto const& one : stage.seen) story += (one.envelope.empty() ? "" : "*") + one.what + ' ';
    CHECK(story == "*call.inbound.received *call.ringing control.requested control.decided *call.action.accepted action.completed *call.failed ");
    CHECK(stage.seen.back().envelope.contains(R"("hangupCause":"busy")"));
}
