// What the decisions of a control webhook do to the call.
#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;
using test::hang_up;
using Sip = std::vector<std::string>;

namespace {

egress::HttpResponse json_answer(std::string body) {
    egress::HttpResponse out;
    out.status = 200;
    out.headers = {{"content-type", "application/json"}};
    out.body = std::move(body);
    return out;
}

}  // namespace

TEST_CASE("a gather's digits come back as input and stop its prompt") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.server({R"({"actions":[{"action":"gather","numDigits":2,"prompt":{"text":"x"}}],"metadata":{"a":1}})", hang_up});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
    stage.signal(sip::signal::Digit{'4', 100ms});
    REQUIRE(stage.until([&] { return stage.platform.media.back() == "stop"; }));
    stage.signal(sip::signal::Digit{'2', 100ms});
    REQUIRE(stage.over());
    auto const data = stage.question(1);
    CHECK(data.at("phase") == "input");
    CHECK(data.at("sequence") == 2);
    CHECK(data.at("metadata").at("a") == 1);
    CHECK(data.at("last").at("digits") == "42");
    CHECK(data.at("last").at("finishedBy") == "num_digits");
    REQUIRE(stage.rows("gather.ended").size() == 1);
    CHECK(stage.rows("gather.ended")[0].at("digitCount").to_number<int>() == 2);
    CHECK_FALSE(stage.rows("gather.ended")[0].contains("digits"));
    CHECK(stage.platform.sip == Sip{"180", "200", "BYE normal 21"});
    for (auto const& event : stage.events()) CHECK_FALSE(event.at("data").as_object().contains("digits"));
}

TEST_CASE("digits pressed just before a gather count, and skip its prompt") {
    CallStage stage;
    stage.platform.answer_after = 20ms;
    stage.server({R"({"actions":[{"action":"gather","numDigits":1,"prompt":{"text":"x"}}]})", hang_up});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.requests.size() == 1; }));
    stage.signal(sip::signal::Digit{'9', 100ms});
    REQUIRE(stage.over());
    CHECK(stage.platform.playing.empty());
    CHECK(stage.question(1).at("last").at("digits") == "9");
}

TEST_CASE("a prompt that cannot be played fails the gather, and the server is asked all the same") {
    CallStage stage;
    stage.server({R"({"actions":[{"action":"gather","prompt":{"text":"broken"}}]})", R"({"actions":[{"action":"play","text":"broken"}]})", hang_up});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.question(1).at("last").at("status") == "failed");
    CHECK(stage.question(1).at("last").at("message") == "tts_failed");
    CHECK(stage.question(2).at("phase") == "continue");
    CHECK(stage.question(2).at("last").at("message") == "tts_failed");
}

TEST_CASE("answer decides what a play does to an unanswered caller") {
    for (auto const& [answer, expected] : {std::pair{"early", "183"}, {"never", "183"}, {"auto", "200"}}) {
        CallStage stage;
        stage.server({R"({"answer":")" + std::string{answer} + R"(","actions":[{"action":"play","text":"a"},{"action":"hangup"}]})"});
        stage.invite();
        REQUIRE(stage.over());
        CAPTURE(answer);
        CHECK(stage.platform.sip[1] == expected);
    }
}

TEST_CASE("who is played to before the answer may be silent; what was agreed counts as answered with the 200") {
    CallStage stage;
    stage.server({R"({"answer":"early","actions":[{"action":"play","text":"a"}]})",
                  R"({"actions":[{"action":"play","text":"a"},{"action":"hangup"}]})"});
    stage.invite();
    REQUIRE(stage.over());
    std::vector<std::string> described;
    std::ranges::copy_if(stage.platform.media, std::back_inserter(described),
                         [](auto const& one) { return one.starts_with("start") || one == "update"; });
    CHECK(described == std::vector<std::string>{"start unanswered", "update"});
}

TEST_CASE("a carrier without early media hears nothing before the answer, and the server is told") {
    CallStage stage;
    stage.server({R"({"answer":"early","actions":[{"action":"play","text":"a"}]})", hang_up});
    stage.invite(1, "usable", [](sip::Incoming& call) { call.early_media = false; });
    REQUIRE(stage.over());
    CHECK(stage.question(1).at("last").at("message") == "no_media");
    CHECK(std::ranges::count(stage.platform.sip, "183") == 0);
}

TEST_CASE("five decisions without media are a loop") {
    CallStage stage;
    stage.server({R"({"answer":"auto","actions":[]})"});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.platform.requests.size() == 5);
    CHECK(stage.rows("control.failed").back().at("reason") == "loop_limit");
}

TEST_CASE("a server that names itself is a loop as well; the route's next server begins anew") {
    CallStage stage;
    auto const itself = std::string{R"({"type":"control_webhook","url":"https://ivr.customer-site.com/a"})"};
    stage.platform.inbound->route->fallback = {CallStage::webhook("https://other.customer-site.com/")};
    stage.platform.answer = [&](egress::HttpRequest const& request) -> Result<egress::HttpResponse> {
        return json_answer(request.url.find("other") == std::string::npos ? itself : hang_up);
    };
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.platform.requests.size() == 6);
    CHECK(stage.rows("route.fallback").back().at("reason") == "loop_limit");
    CHECK(stage.last().at("hangupCause") == "rejected");
}

TEST_CASE("a held call goes to the next target when no action comes, and is asked again after one") {
    CallStage stage;
    stage.server({"hold:50"});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.rows("control.held")[0].at("waitMs") == 50);
    CHECK(stage.last().at("error") == "control_webhook_timeout");

    CallStage other;
    other.server({"hold:5000", hang_up});
    other.invite();
    REQUIRE(other.until_row("control.held"));
    REQUIRE(other.act("play", {{"text", "x"}}));
    REQUIRE(other.over());
    CHECK(other.question(1).at("phase") == "continue");
    CHECK(other.question(1).at("last").at("action") == "play");
    CHECK(other.question(1).at("last").at("status") == "completed");
}

TEST_CASE("a decision's target that fails is asked about, or goes to the decision's own list") {
    CallStage stage;
    auto const elsewhere = std::string{R"("target":{"type":"control_webhook","url":"https://down.customer-site.com/"})"};
    stage.platform.answer = [&](egress::HttpRequest const& request) -> Result<egress::HttpResponse> {
        if (request.url.find("down") != std::string::npos) return egress::HttpResponse{.status = 404};
        auto const again = request.body.find("target_failed") != std::string::npos;
        return json_answer(again ? hang_up : "{" + elsewhere + "}");
    };
    stage.invite();
    REQUIRE(stage.over());
    REQUIRE(stage.platform.requests.size() == 3);
    CHECK(stage.question(2).at("last").at("action") == "transfer");
    CHECK(stage.question(2).at("last").at("target").at("type") == "control_webhook");
    CHECK(stage.question(2).at("last").at("sipStatus") == 0);   // nobody was dialled
    CHECK(stage.question(2).at("last").at("q850") == 0);

    CallStage own;
    own.platform.inbound->route->fallback = {CallStage::hang_up()};   // never reached
    own.platform.answer = [&](egress::HttpRequest const& request) -> Result<egress::HttpResponse> {
        if (request.url.find("down") != std::string::npos) return egress::HttpResponse{.status = 404};
        return json_answer("{" + elsewhere + R"(,"fallback":[]})");
    };
    own.invite();
    REQUIRE(own.over());
    CHECK(own.platform.requests.size() == 2);
    CHECK(own.last().at("hangupCause") == "route_failed");
    CHECK(own.last().at("sipStatus") == 480);
    CHECK(own.last().at("q850") == 41);
}

TEST_CASE("an action that overtakes the 202 of its question is the one the call was held for") {
    CallStage stage;
    stage.platform.answer_after = 300ms;
    stage.server({"hold:50", hang_up});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.requests.size() == 1; }));
    REQUIRE(stage.act("play", {{"text", "x"}}));
    REQUIRE(stage.until_row("action.completed"));
    REQUIRE(stage.over());
    CHECK(stage.rows("control.held").size() == 1);
    CHECK(stage.question(1).at("phase") == "continue");
    CHECK(stage.question(1).at("last").at("action") == "play");
}

TEST_CASE("an action that is being written when the wait is over came in time") {
    CallStage stage;
    stage.server({"hold:100", hang_up});
    stage.invite();
    REQUIRE(stage.until_row("control.held"));
    stage.platform.commit_after = 300ms;
    REQUIRE(stage.act("play", {{"text", "x"}}));
    stage.platform.commit_after = 0ms;
    REQUIRE(stage.over());
    CHECK(stage.question(1).at("phase") == "continue");
    CHECK(stage.question(1).at("last").at("action") == "play");

    CallStage full;
    full.server({"hold:100"});
    full.invite();
    REQUIRE(full.until_row("control.held"));
    full.platform.commit_after = 300ms;
    full.platform.failing_commits = 1;
    CHECK_FALSE(full.act("play", {{"text", "x"}}));
    full.platform.commit_after = 0ms;
    REQUIRE(full.over());
    CHECK(full.last().at("error") == "control_webhook_timeout");
}

TEST_CASE("a decision's stream answers the caller with auto, and is refused where nobody may answer") {
    auto const stream = std::string{R"("actions":[{"action":"stream_start","url":"wss://bot.customer-site.com/"}])"};
    for (auto const& [answer, sip, status] : {std::tuple{"auto", "200", "completed"}, {"early", "480 no_answer", "failed"},
                                              {"never", "480 no_answer", "failed"}}) {
        CAPTURE(answer);
        CallStage stage;
        stage.platform.inbound->tenant.features["media_stream"] = true;
        stage.server({R"({"answer":")" + std::string{answer} + "\"," + stream + "}", R"({"actions":[{"action":"hangup","reason":"no_answer"}]})"});
        stage.invite();
        REQUIRE(stage.over());
        CHECK(stage.platform.sip[1] == sip);
        CHECK(stage.question(1).at("last").at("action") == "stream_start");
        CHECK(stage.question(1).at("last").at("status") == status);
        if (stage.rows("action.failed").empty()) continue;
        CHECK(stage.rows("action.failed")[0].at("message") == "call_not_answered");
        CHECK(stage.platform.streams.empty());
    }
}

TEST_CASE("what follows a decision's stream does not wait for its bot; a stream at the end of the list is what is told next") {
    auto const stream = std::string{R"({"action":"stream_start","url":"wss://bot.customer-site.com/"})"};
    CallStage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    stage.platform.bots = test::Platform::Bots::silent;
    stage.server({R"({"actions":[)" + stream + R"(,{"action":"play","text":"hello"}]})", R"({"actions":[)" + stream + "]}", hang_up});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.requests.size() == 2; }));
    CHECK(stage.question(1).at("last").at("action") == "play");
    CHECK(stage.question(1).at("last").at("status") == "completed");
    REQUIRE(stage.until([&] { return stage.platform.streams.size() == 2; }));
    CHECK(stage.rows("stream.started").empty());
    for (auto const& one : stage.platform.streams) one.tell(stream::told::Ended{.reason = "connect_failed", .error = "timeout"});
    REQUIRE(stage.over());
    CHECK(stage.rows("action.failed").size() == 2);
    CHECK(stage.question(2).at("last").at("action") == "stream_start");
    CHECK(stage.question(2).at("last").at("message") == "timeout");
}

TEST_CASE("a stream answers the caller of an early decision, and is told to have started even when its bot leaves at once") {
    CallStage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    stage.platform.bots = test::Platform::Bots::leaving;
    stage.server({R"({"answer":"early","actions":[{"action":"play","text":"a"}],"target":{"type":"media_stream","url":"wss://bot.customer-site.com/"}})", hang_up});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(std::vector(stage.platform.sip.begin() + 1, stage.platform.sip.begin() + 3) == std::vector<std::string>{"183", "200"});
    CHECK(stage.rows("stream.started").size() == 1);
    CHECK(stage.rows("stream.stopped").size() == 1);
    CHECK(stage.question(1).at("phase") == "stream_ended");
}

TEST_CASE("what is said of a stream that is over is an action's result and what the stream adds") {
    CallStage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    stage.server({R"({"target":{"type":"media_stream","url":"wss://bot.customer-site.com/"}})", hang_up});
    stage.invite();
    REQUIRE(stage.until_row("stream.started"));
    stage.platform.streams[0].tell(stream::told::Ended{.opened = true, .reason = "peer_closed", .close_code = 1000, .seconds = 84.02});
    REQUIRE(stage.over());
    auto const last = stage.question(1).at("last");
    CHECK(stage.question(1).at("phase") == "stream_ended");
    CHECK(last.at("id").as_string().starts_with("cact_"));
    CHECK(last.at("callId").as_string().starts_with("call_"));
    CHECK(last.at("action") == "transfer");
    CHECK(last.at("status") == "completed");
    CHECK(last.at("target").at("type") == "media_stream");
    CHECK(last.at("streamId").as_string().starts_with("strm_"));
    CHECK(last.at("closeCode") == 1000);
    CHECK(last.at("durationSeconds") == 84.02);
    CHECK_FALSE(last.as_object().contains("sipStatus"));
}

TEST_CASE("a decision that names what does not exist, or cannot be, is invalid, in whatever place") {
    auto const agent = std::string{R"({"type":"ai_agent","agentId":"agent_of_nobody"})"};
    for (auto const& [decision, field] : {std::pair{agent, "target.agentId"}, {R"({"answer":"never","target":)" + agent + "}", "target.type"},
             {R"({"target":)" + std::string{hang_up} + R"(,"fallback":[)" + agent + "]}", "fallback[0].agentId"},
             {R"({"actions":[{"action":"stream_start","url":"wss://bot.customer-site.com/","statusCallbackWebhookEndpointId":"wh_of_nobody"}]})",
              "actions[0].statusCallbackWebhookEndpointId"},
             {R"({"actions":[{"action":"recording_start","callbackWebhookEndpointId":"wh_of_nobody"}]})", "actions[0].callbackWebhookEndpointId"}}) {
        CAPTURE(decision);
        CallStage stage;
        for (auto const* const feature : {"media_stream", "ai_agents", "recording"}) stage.platform.inbound->tenant.features[feature] = true;
        stage.server({decision});
        stage.invite();
        REQUIRE(stage.over());
        CHECK(stage.rows("control.invalid")[0].at("field") == field);
        CHECK(stage.rows("control.failed")[0].at("reason") == "invalid_decision");
    }
}

TEST_CASE("a plan may allow fewer streams than four") {
    CallStage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    stage.platform.inbound->tenant.limits["streams_per_call"] = 1;
    auto const one = std::string{R"({"action":"stream_start","url":"wss://bot.customer-site.com/"})"};
    stage.server({R"({"actions":[)" + one + "," + one + "]}", hang_up});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.platform.streams.size() == 1);
    CHECK(stage.question(1).at("last").at("message") == "stream_limit_reached");
}

TEST_CASE("a stream that is stopped has given its place to the next one of the same decision") {
    CallStage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    auto const both_ways = std::string{R"("url":"wss://bot.customer-site.com/","bidirectional":true)"};
    auto const start = R"({"action":"stream_start",)" + both_ways + '}', stop = std::string{R"({"action":"stream_stop"})"};
    stage.server({R"({"actions":[)" + start + "]}", R"({"actions":[)" + stop + ',' + start + "]}",
                  R"({"actions":[)" + stop + R"(],"target":{"type":"media_stream",)" + both_ways + "}}"});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.streams.size() == 3; }));
    CHECK(stage.question(2).at("last").at("action") == "stream_start");
    CHECK(stage.question(2).at("last").at("status") == "completed");
    CHECK(stage.rows("action.failed").empty());
    stage.bye();
    REQUIRE(stage.over());
    CHECK(stage.rows("stream.stopped").size() == 3);
}

TEST_CASE("next moves the questions of this call") {
    CallStage stage;
    stage.server({R"({"actions":[{"action":"play","text":"a"}],"next":{"url":"https://two.customer-site.com/x","timeoutMs":500}})", hang_up});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.platform.requests[1].url == "https://two.customer-site.com/x");
    CHECK(stage.question(1).at("deadlineMs") == 500);
}

TEST_CASE("a bot is told the parameters of the route and its decisions: 20 of 500 characters each, in any script") {
    CallStage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    std::string hindi;
    for (auto count = 0; count < 496; ++count) hindi += "न";
    std::string more;
    for (auto count = 0; count < 20; ++count) more += R"(,"m)" + std::to_string(count) + R"(":"")";
    auto const given = R"({"name":")" + hindi + R"(","long":")" + hindi + R"(न","order":5,"city":"पुणे")" + more + '}';
    stage.server({R"({"metadata":{"streamParameters":)" + given + R"(},"target":{"type":"media_stream","url":"wss://bot.customer-site.com/"}})"});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.streams.size() == 1; }));
    auto const& parameters = stage.platform.streams[0].wanted.subject.parameters;
    CHECK(parameters.size() == 20);
    CHECK(parameters.at("name").as_string() == hindi);
    CHECK(parameters.at("city").as_string() == "पुणे");
    CHECK_FALSE(parameters.contains("long"));
    CHECK_FALSE(parameters.contains("order"));
    CHECK_FALSE(parameters.contains("m18"));
}
