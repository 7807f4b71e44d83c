// The recordings of a call: who may have one, what is told of it, and what stays of it when the disk or the call ends it.
#include <map>
#include <ranges>

#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;

namespace {

constexpr auto wait_for_ever = R"({"actions":[{"action":"gather","numDigits":1,"timeoutSeconds":60,"prompt":{"text":"a"}}]})";

struct RecordingStage : CallStage {
    explicit RecordingStage(bool routed = false, std::string decision = wait_for_ever) {
        platform.inbound->tenant.features["recording"] = true;
        if (routed) platform.inbound->route->recording = json::object{{"enabled", true}};
        server({std::move(decision)});
    }
    void answer() {
        invite();
        REQUIRE(until_row("call.answered"));
    }
    void record() {
        answer();
        REQUIRE(act("recording_start"));
        REQUIRE(until([&] { return rows("action.completed").size() == 1; }));
    }
    std::string token(std::string action, json::object request = {}) {
        auto const done = act(std::move(action), std::move(request));
        return done ? "" : done.error().token;
    }
    json::object event(std::string_view type) const {
        for (auto const& one : events())
            if (one.at("event_type").as_string() == type) return one.at("data").as_object();
        return {};
    }
    /// How many rows the next process would have to look after.
    std::size_t unfinished() const {
        std::map<std::string, bool> open;
        for (auto const& commit : platform.commits)
            if (commit.recording) open[commit.recording->id.str()] = !commit.recording->finished_at && !commit.recording->removed_at;
        return std::size_t(std::ranges::count(open | std::views::values, true));
    }
    /// As the database has it now.
    model::Recording row() const {
        model::Recording out;
        for (auto const& commit : platform.commits)
            if (commit.recording) out = *commit.recording;
        return out;
    }
};

}  // namespace

TEST_CASE("a recording runs from its action to its stop, and its customer is told that it can be read") {
    RecordingStage stage;
    stage.answer();
    auto const started = stage.act("recording_start", {{"channels", "dual"}, {"callbackWebhookEndpointId", "wh_1"}});
    REQUIRE(started);
    REQUIRE(stage.until([&] { return !stage.rows("action.completed").empty(); }));
    auto const running = stage.row();
    CHECK(running.channels == 2);
    CHECK_FALSE(running.finished_at);                        // before the file: the next process finds it
    CHECK(std::ranges::count(stage.platform.media, "record dual " + running.id.str() + ".wav") == 1);
    CHECK(stage.rows("recording.started").at(0).at("channels") == "dual");
    CHECK(stage.token("recording_start") == "recording_already_running");

    REQUIRE(stage.act("recording_stop"));
    REQUIRE(stage.until([&] { return stage.rows("action.completed").size() == 2; }));
    auto const told = stage.event("recording.available");
    CHECK(json::text(told, "recordingId") == running.id.str());
    CHECK(json::text(told, "actionId") == started->id.str());
    CHECK(told.at("durationSeconds") == 1);
    CHECK(told.at("channels") == "dual");
    CHECK(told.at("sizeBytes") == 16'044);
    CHECK(json::text(told, "accessPath") == "/v1/calls/" + running.call.str() + "/recordings");
    CHECK(stage.row().finished_at);
    auto const& with = *std::ranges::find_if(stage.platform.commits, [](auto const& commit) { return commit.recording && commit.recording->finished_at; });
    CHECK(with.also_endpoint.str() == "wh_1");
    REQUIRE(with.metered.size() == 1);
    CHECK(with.metered[0].type == "recording_minutes");
    CHECK(with.metered[0].quantity == 1);
    CHECK(stage.token("recording_stop") == "recording_not_running");
    CHECK(stage.token("recording_start") == "");             // another one
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("both actions name the recording when they are accepted") {
    RecordingStage stage;
    stage.answer();
    REQUIRE(stage.act("recording_start"));
    REQUIRE(stage.until([&] { return !stage.rows("recording.started").empty(); }));
    REQUIRE(stage.act("recording_stop"));
    std::vector<std::string> named;
    for (auto const& accepted : stage.rows("call.action.accepted"))
        if (auto const id = json::text(accepted, "recordingId")) named.emplace_back(*id);
    CHECK(named == std::vector(2, stage.row().id.str()));
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("a recording ends with its call, and a drain waits for its file") {
    RecordingStage stage;
    stage.answer();
    REQUIRE(stage.act("recording_start"));
    REQUIRE(stage.until([&] { return stage.platform.recording != nullptr; }));
    stage.bye();
    REQUIRE(stage.until_row("recording.available"));
    REQUIRE(stage.over());
    CHECK(stage.event("recording.available").at("channels") == "mixed");
    CHECK(stage.row().milliseconds == 1000);
}

TEST_CASE("a stop that overtakes the start of its recording ends it all the same") {
    RecordingStage stage;
    stage.platform.disk_delay = 50ms;
    stage.answer();
    REQUIRE(stage.act("recording_start"));
    REQUIRE(stage.act("recording_stop"));
    CHECK(stage.row().milliseconds == 0);
    REQUIRE(stage.until_row("recording.available"));
    CHECK(stage.calls->live() == 1);
    REQUIRE(stage.until([&] { return stage.rows("action.completed").size() == 2; }));
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("a call that nobody has answered is not recorded; nor is one whose plan has no recordings") {
    RecordingStage stage{false, "hold 5000"};
    stage.invite();
    REQUIRE(stage.until([&] { return !stage.platform.requests.empty(); }));
    CHECK(stage.token("recording_start") == "call_not_answered");
    CHECK(stage.token("recording_stop") == "recording_not_running");
    CHECK(stage.rows("recording.failed").empty());
    stage.cancel();
    REQUIRE(stage.over());
}

TEST_CASE("a route that records begins at the answer, and its plan is asked again") {
    bool plan = true;
    SUBCASE("with it") {}
    SUBCASE("without it") { plan = false; }
    RecordingStage stage{true};
    stage.platform.inbound->tenant.features["recording"] = plan;
    stage.answer();
    REQUIRE(stage.until_row(plan ? "recording.started" : "recording.failed"));
    if (plan) CHECK(stage.token("recording_start") == "recording_already_running");
    else CHECK(stage.rows("recording.failed").at(0).at("reason") == "feature_not_enabled");
    stage.bye();
    if (plan) REQUIRE(stage.until_row("recording.available"));
    REQUIRE(stage.over());
    CHECK(stage.event("recording.available").contains("recordingId") == plan);
    CHECK_FALSE(stage.event("recording.available").contains("actionId"));
}

TEST_CASE("a decision's recording_start answers the caller first") {
    RecordingStage stage{false, R"({"actions":[{"action":"recording_start","channels":"dual"},{"action":"recording_stop"},{"action":"hangup"}]})"};
    stage.invite();
    REQUIRE(stage.over());
    REQUIRE(stage.until_row("recording.available"));
    CHECK(stage.story().contains("call.answered"));
    CHECK(stage.event("recording.available").at("channels") == "dual");
    CHECK(stage.rows("action.failed").empty());
}

TEST_CASE("a disk that refuses fails the action and tells why; the call goes on") {
    RecordingStage stage;
    stage.platform.disk_full = true;
    stage.answer();
    REQUIRE(stage.act("recording_start"));
    REQUIRE(stage.until_row("action.failed"));
    CHECK(stage.rows("action.failed").at(0).at("message") == "recording: the disk is nearly full");
    CHECK(stage.rows("recording.failed").at(0).at("reason") == "recording: the disk is nearly full");
    CHECK(stage.row().removed_at);                           // the file goes with the next round of the house
    CHECK(stage.calls->live() == 1);
    stage.platform.disk_full = false;
    CHECK(stage.token("recording_start") == "");
    REQUIRE(stage.until([&] { return stage.platform.recording != nullptr; }));
    stage.bye();
    REQUIRE(stage.until_row("recording.available"));
    REQUIRE(stage.over());
}

TEST_CASE("what came before a disk filled up can be read; when nothing did, the timeline says why there is none") {
    bool some = true;
    SUBCASE("some of it") {}
    SUBCASE("none of it") { some = false; }
    RecordingStage stage{true};
    stage.answer();
    REQUIRE(stage.until([&] { return stage.platform.recording != nullptr; }));
    if (some) stage.platform.cut_short = "recording: the disk did not keep up";
    else stage.platform.disk_full = true;
    stage.platform.recording->cancel();
    REQUIRE(stage.until_row(some ? "recording.available" : "recording.failed"));
    CHECK(stage.rows("recording.cut_short").size() == std::size_t(some));
    CHECK(stage.event("recording.available").empty() == !some);
    CHECK(stage.row().removed_at.has_value() == !some);
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("what cannot be written of a recording is written when the database can be") {
    RecordingStage stage;
    stage.record();
    stage.platform.failing_commits = 2;
    stage.platform.recording->cancel();
    REQUIRE(stage.until_row("recording.available"));
    CHECK(stage.platform.failing_commits == 0);
    CHECK(stage.row().finished_at);
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("one that waits for the file of the one before it can be stopped") {
    RecordingStage stage;
    stage.record();
    auto const first = stage.row().id;
    REQUIRE(stage.act("recording_stop"));
    REQUIRE(stage.act("recording_start"));
    REQUIRE(stage.act("recording_stop"));
    REQUIRE(stage.until([&] { return std::ranges::count(stage.seen, "recording.available", &call::Seen::what) == 2; }));
    CHECK(stage.row().id != first);
    CHECK(stage.token("recording_stop") == "recording_not_running");
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("of two stops at once one is accepted; a start that the end of the call overtakes leaves no row open") {
    RecordingStage stage;
    stage.answer();
    REQUIRE(stage.act("recording_start"));
    REQUIRE(stage.until_row("recording.started"));
    stage.platform.failing_commits = 1;
    CHECK_FALSE(stage.act("recording_stop"));                // it could not be written: it was not asked for
    REQUIRE(stage.act("recording_stop"));
    CHECK(stage.token("recording_stop") == "recording_not_running");
    REQUIRE(stage.until_row("recording.available"));
    REQUIRE(stage.act("recording_start"));
    stage.bye();
    REQUIRE(stage.over());
    REQUIRE(stage.until([&] { return stage.unfinished() == 0; }));
}
