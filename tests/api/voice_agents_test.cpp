// Hosted agents: created, read, named by routes (voice-agents 9, api-semantics 4, 7 and 8).
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

struct VoiceAgentsStage : ApiStage {
    VoiceAgentsStage() {
        change_tenant([](model::Tenant& t) { t.features["ai_agents"] = true; });
    }
    static json::object agent(std::string key) {
        return {{"key", std::move(key)}, {"name", "Front desk"}, {"language", "hi-IN"}, {"greeting", "Namaste."}, {"instructions", "Be kind."}};
    }
    test::Answered create(json::object body, std::string idempotency_key = "") { return post("/v1/voice-agents", json::serialize(body), idempotency_key); }
    std::string made(std::string key, std::string fallback_agent = "") {
        auto body = agent(std::move(key));
        if (!fallback_agent.empty()) body["fallback"] = json::object{{"type", "ai_agent"}, {"agentId", fallback_agent}};
        auto const answer = create(body);
        REQUIRE_MESSAGE(answer.status() == 201, answer.response.body);
        return answer.text("id");
    }
    test::Answered route_to(std::string const& agent_id) {
        return put("/v1/numbers/" + number.id.str() + "/route", R"({"primary":{"type":"ai_agent","agentId":")" + agent_id + "\"}}");
    }
};

}  // namespace

TEST_CASE("an agent is created active, comes back as it was saved, and belongs to its tenant") {
    VoiceAgentsStage stage;
    auto body = VoiceAgentsStage::agent("front-desk");
    body["fallback"] = json::object{{"type", "hangup"}, {"url", "ignored"}};
    body["metadata"] = json::object{{"crm", 7}, {"engine", json::object{{"mode", "flow"}, {"turn", json::object{{"minMs", 400}}}}}};
    body["unknown"] = 1;
    auto const created = stage.create(body);
    REQUIRE(created.status() == 201);
    CHECK(created.text("status") == "active");
    CHECK(created.text("id").starts_with("agent_"));
    CHECK(created.body.at("fallback") == json::value{{"type", "hangup"}});
    CHECK(created.body.at("metadata") == body.at("metadata"));
    CHECK_FALSE(created.body.contains("unknown"));
    CHECK(stage.get("/v1/voice-agents/" + created.text("id")).body == created.body);
    CHECK(stage.get("/v1/voice-agents/agent_1").status() == 404);
    stage.made("second");
    auto const first = stage.get("/v1/voice-agents?limit=1");
    CHECK(first.data().at(0) == json::value(created.body));
    CHECK(stage.get("/v1/voice-agents?limit=1&cursor=" + first.text("nextCursor")).data().at(0).at("key") == "second");
    stage.key = stage.add_key(stage.add_tenant("other", [](model::Tenant&) {}).id, {});
    CHECK(stage.get("/v1/voice-agents/" + created.text("id")).status() == 404);
    CHECK(stage.get("/v1/voice-agents").data().empty());
}

TEST_CASE("a key is taken once, a repetition of the request is not a second agent") {
    VoiceAgentsStage stage;
    auto const body = VoiceAgentsStage::agent("front-desk");
    auto const first = stage.create(body, "k1");
    auto const again = stage.create(body, "k1");
    CHECK(again.status() == 201);
    CHECK(again.body == first.body);
    CHECK(again.header("Idempotent-Replayed") == "true");
    auto const taken = stage.create(body);
    CHECK(taken.status() == 409);
    CHECK(taken.error() == "duplicate_key");
    CHECK(stage.get("/v1/voice-agents").data().size() == 1);
}

TEST_CASE("an agent that does not match the contract is 400, one that cannot be meant 422, each at its field") {
    VoiceAgentsStage stage;
    auto const with = [](std::string_view name, json::value value) {
        auto body = VoiceAgentsStage::agent("front-desk");
        if (value.is_null()) body.erase(name);
        else body[name] = std::move(value);
        return body;
    };
    auto const letters = [](std::size_t count) { return json::string(count, 'a'); };
    auto const engine = [&](json::value value) { return with("metadata", json::object{{"engine", std::move(value)}}); };
    struct Row { json::object body; int status; std::string error; std::string field; };
    for (auto const& [body, status, error, field] : {
             Row{with("key", nullptr), 400, "validation_failed", "key"},
             Row{with("instructions", 7), 400, "validation_failed", "instructions"},
             Row{with("metadata", "x"), 400, "validation_failed", "metadata"},
             Row{with("fallback", json::object{{"type", "fax"}}), 400, "validation_failed", "fallback.type"},
             Row{with("key", "Front Desk"), 422, "invalid_value", "key"},
             Row{with("key", "-desk"), 422, "invalid_value", "key"},
             Row{with("key", ""), 422, "invalid_value", "key"},
             Row{with("key", letters(65)), 422, "limit_exceeded", "key"},
             Row{with("name", letters(257)), 422, "limit_exceeded", "name"},
             Row{with("language", "de-DE"), 422, "invalid_value", "language"},
             Row{with("language", ""), 422, "invalid_value", "language"},
             Row{with("greeting", letters(3001)), 422, "limit_exceeded", "greeting"},
             Row{with("instructions", letters(16385)), 422, "limit_exceeded", "instructions"},
             Row{with("fallback", json::object{{"type", "control_webhook"}}), 422, "invalid_target", "fallback.url"},
             Row{with("fallback", json::object{{"type", "ai_agent"}, {"agentId", "agent_1"}}), 422, "unknown_reference", "fallback.agentId"},
             Row{with("metadata", json::object{{"note", "sk-abcdef"}}), 422, "invalid_value", "metadata"},
             Row{engine(1), 422, "invalid_value", "metadata.engine"},
             Row{engine(json::object{{"mode", "magic"}}), 422, "invalid_value", "metadata.engine.mode"},
             Row{engine(json::object{{"llm", json::object{{"modell", "x"}}}}), 422, "invalid_value", "metadata.engine.llm.modell"},
             Row{engine(json::object{{"turn", json::object{{"minMs", "x"}}}}), 422, "invalid_value", "metadata.engine.turn.minMs"},
         }) {
        CAPTURE(json::serialize(body).substr(0, 200));
        auto const refused = stage.create(body);
        CHECK(refused.status() == status);
        CHECK(refused.error() == error);
        CHECK(refused.field() == field);
    }
    CHECK(stage.get("/v1/voice-agents").data().empty());
}

TEST_CASE("agents need their feature and have a limit") {
    VoiceAgentsStage stage;
    stage.change_tenant([](model::Tenant& t) { t.limits["voice_agents"] = 1; });
    stage.made("one");
    CHECK(stage.create(VoiceAgentsStage::agent("two")).error() == "plan_limit_reached");
    stage.change_tenant([](model::Tenant& t) { t.features["ai_agents"] = false; });
    auto const refused = stage.create(VoiceAgentsStage::agent("BAD KEY"));
    CHECK(refused.status() == 403);
    CHECK(refused.error() == "feature_not_enabled");
    CHECK(refused.field() == "features.ai_agents");
    CHECK(stage.get("/v1/voice-agents").data().size() == 1);   // reading needs none
}

TEST_CASE("a route may name an active agent of the tenant, and no other") {
    VoiceAgentsStage stage;
    auto const saved = stage.route_to(stage.made("desk"));
    CHECK(saved.status() == 200);
    CHECK(saved.body.at("primary").as_object().size() == 2);
    auto off = stage.ok(stage.store->agents(stage.tenant.id)).front();
    off.id = AgentId::fresh(stage.clock.now());
    off.key = "off";
    off.status = model::AgentStatus::disabled;
    stage.ok(stage.store->create_agent(off, 10));
    CHECK(stage.route_to(off.id.str()).error() == "invalid_target");
    off.id = AgentId::fresh(stage.clock.now());
    off.tenant = stage.add_tenant("other", [](model::Tenant&) {}).id;
    off.status = model::AgentStatus::active;
    stage.ok(stage.store->create_agent(off, 10));
    auto const foreign = stage.route_to(off.id.str());
    CHECK(foreign.status() == 422);
    CHECK(foreign.error() == "unknown_reference");
    CHECK(foreign.field() == "primary.agentId");
    CHECK(stage.put("/v1/numbers/" + stage.number.id.str() + "/route", R"({"primary":{"type":"ai_agent"}})").field() == "primary.agentId");
}

TEST_CASE("agents hand a call on at most three times") {
    VoiceAgentsStage stage;
    auto const third = stage.made("c", stage.made("b", stage.made("a")));
    auto body = VoiceAgentsStage::agent("d");
    body["fallback"] = json::object{{"type", "ai_agent"}, {"agentId", third}};
    CHECK(stage.create(body).error() == "invalid_target");
    CHECK(stage.route_to(third).status() == 200);
}
