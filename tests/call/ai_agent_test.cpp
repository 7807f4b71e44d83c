// A call that comes to an agent that cannot talk goes on, visibly: the agent's fallback first, then the route's.
#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;

namespace {

struct Stage : CallStage {
    Stage() {
        platform.inbound->tenant.features["ai_agents"] = true;
        platform.inbound->route->primary = agent_target("agent_1");
        platform.inbound->route->fallback = {hang_up()};
    }
    static model::Target agent_target(std::string id) { return {"ai_agent", {{"type", "ai_agent"}, {"agentId", id}}}; }
    void add(std::string id, std::optional<model::Target> fallback, model::AgentStatus status = model::AgentStatus::active) {
        platform.agents[id] = {.id = AgentId::from(id), .fallback = std::move(fallback), .status = status};
    }
};

}  // namespace

TEST_CASE("the agent's fallback takes the call") {
    Stage stage;
    stage.add("agent_1", CallStage::webhook("https://ivr.customer-site.com/b"));
    stage.server({R"({"type":"hangup"})"});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.platform.requests.size() == 1);
    REQUIRE(stage.rows("agent.skipped").size() == 1);
    CHECK(stage.rows("agent.skipped")[0].at("reason") == "agent_not_offered");
    CHECK(stage.rows("agent.fallback")[0].at("targetType") == "control_webhook");
    CHECK(stage.rows("route.fallback").empty());
    CHECK(stage.last().at("hangupBy") == "control_webhook");
}

TEST_CASE("a bot that is the agent's fallback and has said goodbye is done with the call") {
    Stage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    stage.platform.bots = test::Platform::Bots::leaving;
    stage.add("agent_1", model::Target{"media_stream", {{"type", "media_stream"}, {"url", "wss://bot.customer-site.com/"}}});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.rows("route.fallback").empty());
    CHECK(stage.last().at("status") == "completed");
    CHECK(stage.last().at("hangupCause") == "normal");
    CHECK(stage.last().at("hangupBy") == "target");
}

TEST_CASE("without a fallback that works the route goes on, and says why") {
    for (auto const& [status, reason] : {std::pair{model::AgentStatus::active, "agent_not_offered"},
                                         {model::AgentStatus::disabled, "agent_not_active"}}) {
        Stage stage;
        stage.add("agent_1", {}, status);
        stage.invite();
        REQUIRE(stage.over());
        REQUIRE(stage.rows("route.fallback").size() == 1);
        CHECK(stage.rows("route.fallback")[0].at("reason").as_string() == reason);
        CHECK(stage.platform.sip.back() == "603 rejected");
    }
    Stage stage;
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.rows("agent.skipped")[0].at("reason") == "agent_unknown");
}

TEST_CASE("agents that name each other end") {
    Stage stage;
    stage.add("agent_1", Stage::agent_target("agent_2"));
    stage.add("agent_2", Stage::agent_target("agent_1"));
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.rows("agent.fallback").size() == 3);
    CHECK(stage.rows("route.fallback").size() == 1);
}
