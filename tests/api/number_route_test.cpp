// Saving a route: what is 400, 403 and 422, and what is kept (api-semantics 4 and 8).
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

struct NumberRouteStage : ApiStage {
    std::string const route = "/v1/numbers/" + number.id.str() + "/route";
    test::Answered save(std::string body) { return put(route, std::move(body)); }
    std::string webhook(std::string more = "") const { return R"({"type":"control_webhook","url":")" + silent_url() + '"' + more + '}'; }
};

}  // namespace

TEST_CASE("a number without a route has none, and then the one that was saved") {
    NumberRouteStage stage;
    CHECK(stage.get(stage.route).status() == 404);
    CHECK(stage.get("/v1/numbers/" + stage.number.id.str()).text("routeStatus") == "not_configured");
    auto const saved = stage.save(R"({"primary":)" + stage.webhook(R"(,"timeoutMs":2500,"teamId":"ignored")") +
                                  R"(,"fallback":[{"type":"hangup","url":"ignored"}],"metadata":{"branch":"pune"},"unknown":1})");
    REQUIRE(saved.status() == 200);
    CHECK(saved.text("numberId") == stage.number.id.str());
    CHECK(saved.text("status") == "active");
    CHECK(saved.body.at("primary") == json::value{{"type", "control_webhook"}, {"url", stage.silent_url()}, {"timeoutMs", 2500}});
    CHECK(saved.body.at("fallback") == json::value(json::array{json::object{{"type", "hangup"}}}));
    CHECK(saved.body.at("metadata") == json::value{{"branch", "pune"}});
    CHECK_FALSE(saved.body.contains("unknown"));
    CHECK(stage.get(stage.route).body == saved.body);
    CHECK(stage.get("/v1/numbers/" + stage.number.id.str()).text("routeStatus") == "configured");
}

TEST_CASE("an equal route changes nothing, another one keeps id and creation") {
    NumberRouteStage stage;
    auto const body = R"({"primary":)" + stage.webhook() + R"(,"metadata":{"price":1.0,"large":1e21,"share":0.3}})";
    auto const first = stage.save(body);
    stage.clock.advance(1min);
    CHECK(stage.save(body).body == first.body);
    CHECK(stage.get(stage.route).body == first.body);
    auto const other = stage.save(R"({"primary":{"type":"hangup"}})");
    CHECK(other.text("id") == first.text("id"));
    CHECK(other.text("createdAt") == first.text("createdAt"));
    CHECK(other.text("updatedAt") > first.text("updatedAt"));
}

TEST_CASE("saving a failing route, even an equal one, starts its health anew; the operator's switch stays") {
    NumberRouteStage stage;
    auto const body = R"({"primary":)" + stage.webhook() + "}";
    stage.save(body);
    stage.ok(stage.store->set_route_health(stage.number.id, model::RouteHealth::failing));
    CHECK(stage.get(stage.route).text("status") == "failing");
    CHECK(stage.save(body).text("status") == "active");
    CHECK(stage.get("/v1/numbers/" + stage.number.id.str()).text("routeStatus") == "configured");
    stage.ok(stage.store->switch_route(stage.number.id, false, {}));
    CHECK(stage.save(R"({"primary":{"type":"hangup"}})").text("status") == "disabled");
}

TEST_CASE("a route that is switched off while it fails has failed no more once it is saved, an equal one too") {
    NumberRouteStage stage;
    for (auto const& again : {std::string{R"({"primary":{"type":"hangup"}})"}, R"({"primary":)" + stage.webhook() + "}"}) {
        stage.save(R"({"primary":)" + stage.webhook() + "}");
        stage.ok(stage.store->set_route_health(stage.number.id, model::RouteHealth::failing));
        stage.ok(stage.store->switch_route(stage.number.id, false, {}));
        CHECK(stage.save(again).text("status") == "disabled");
        CHECK(stage.get("/v1/numbers/" + stage.number.id.str()).text("routeStatus") == "configured");
        stage.ok(stage.store->switch_route(stage.number.id, true, {}));
        CHECK(stage.get(stage.route).text("status") == "active");
    }
}

TEST_CASE("what does not match the contract is 400 at its field") {
    NumberRouteStage stage;
    struct Row { std::string body; std::string field; };
    for (auto const& [body, field] : {
             Row{R"({})", "primary"},
             Row{R"({"primary":null})", "primary"},
             Row{R"({"primary":"hangup"})", "primary"},
             Row{R"({"primary":{}})", "primary.type"},
             Row{R"({"primary":{"type":"ivr"}})", "primary.type"},
             Row{R"({"primary":{"type":"hangup","url":7}})", "primary.url"},
             Row{R"({"primary":{"type":"hangup","timeoutMs":"1"}})", "primary.timeoutMs"},
             Row{R"({"primary":{"type":"hangup"},"fallback":{}})", "fallback"},
             Row{R"({"primary":{"type":"hangup"},"fallback":[{"type":"hangup"},{"type":"x"}]})", "fallback[1].type"},
             Row{R"({"primary":{"type":"hangup"},"fallback":null})", "fallback"},
             Row{R"({"primary":{"type":"hangup"},"events":[]})", "events"},
             Row{R"({"primary":{"type":"hangup"},"events":{"webhookEndpointId":1}})", "events.webhookEndpointId"},
             Row{R"({"primary":{"type":"hangup"},"events":{"subscribedEvents":["call.ended"]}})", "events.subscribedEvents[0]"},
             Row{R"({"primary":{"type":"hangup"},"recording":{"enabled":"yes"}})", "recording.enabled"},
             Row{R"({"primary":{"type":"hangup"},"metadata":"x"})", "metadata"},
         }) {
        CAPTURE(body);
        auto const refused = stage.save(body);
        CHECK(refused.status() == 400);
        CHECK(refused.error() == "validation_failed");
        CHECK(refused.field() == field);
    }
    CHECK(stage.get(stage.route).status() == 404);
}

TEST_CASE("what cannot be meant is 422 at its field") {
    NumberRouteStage stage;
    stage.change_tenant([](model::Tenant& t) { t.features["media_stream"] = true; });
    auto const fallback = [](int entries) {
        std::string list;
        for (int entry = 0; entry < entries; ++entry) list += entry ? R"(,{"type":"hangup"})" : R"({"type":"hangup"})";
        return R"({"primary":{"type":"hangup"},"fallback":[)" + list + "]}";
    };
    struct Row { std::string body; std::string error; std::string field; };
    for (auto const& [body, error, field] : {
             Row{R"({"primary":{"type":"control_webhook"}})", "invalid_target", "primary.url"},
             Row{R"({"primary":{"type":"media_stream"}})", "invalid_target", "primary.url"},
             Row{R"({"primary":{"type":"media_stream","url":"https://a.customer-site.com/"}})", "unsafe_url", "primary.url"},
             Row{R"({"primary":{"type":"hangup"},"fallback":[{"type":"control_webhook","url":"http://10.0.0.1/"}]})", "unsafe_url",
                 "fallback[0].url"},
             Row{R"({"primary":{"type":"control_webhook","url":"https://inside.customer-site.com/"}})", "unsafe_url", "primary.url"},
             Row{R"({"primary":{"type":"control_webhook","url":"https://unknown.customer-site.com/"}})", "unsafe_url", "primary.url"},
             Row{R"({"primary":)" + stage.webhook(R"(,"timeoutMs":249)") + "}", "limit_exceeded", "primary.timeoutMs"},
             Row{fallback(9), "limit_exceeded", "fallback"},
             Row{R"({"primary":{"type":"hangup"},"events":{"subscribedEvents":[]}})", "limit_exceeded", "events.subscribedEvents"},
             Row{R"({"primary":{"type":"hangup"},"events":{"webhookEndpointId":"wh_1"}})", "unknown_reference", "events.webhookEndpointId"},
             Row{R"({"primary":{"type":"hangup"},"metadata":{"a":{"b":{"c":{"d":{"e":{}}}}}}})", "limit_exceeded", "metadata"},
             Row{R"({"primary":{"type":"hangup"},"metadata":{"a":")" + std::string(4096, 'x') + "\"}}", "limit_exceeded", "metadata"},
         }) {
        CAPTURE(body);
        auto const refused = stage.save(body);
        CHECK(refused.status() == 422);
        CHECK(refused.error() == error);
        CHECK(refused.field() == field);
    }
    CHECK(stage.save(fallback(8)).status() == 200);
    CHECK(stage.save(R"({"primary":{"type":"control_webhook","url":"https://hooks.customer-site.com/a"}})").status() == 200);
}

TEST_CASE("a refused address says the same whether its name is missing or private") {
    NumberRouteStage stage;
    auto inside = stage.save(R"({"primary":{"type":"control_webhook","url":"https://inside.customer-site.com/"}})").body;
    auto missing = stage.save(R"({"primary":{"type":"control_webhook","url":"https://missing.customer-site.com/"}})").body;
    CHECK(inside.at("details").at(0).at("code") == "egress_blocked");
    inside.erase("requestId");
    missing.erase("requestId");
    CHECK(inside == missing);
}

TEST_CASE("ten writes a minute have names looked up, addresses cost nothing") {
    NumberRouteStage stage;
    for (int saved = 0; saved < 20; ++saved) CHECK(stage.save(R"({"primary":)" + stage.webhook() + "}").status() == 200);
    auto const named = R"({"primary":{"type":"control_webhook","url":"https://hooks.customer-site.com/"}})";
    for (int saved = 0; saved < 10; ++saved) CHECK(stage.save(named).status() == 200);
    CHECK(stage.save(named).status() == 429);
    CHECK(stage.save(named).header("Retry-After") == "6");
    CHECK(stage.names.asked.size() == 10);
    stage.clock.advance(6s);
    CHECK(stage.save(named).status() == 200);
}

TEST_CASE("a write with several names counts once, and is done by who waits as he is told") {
    NumberRouteStage stage;
    auto const two = R"({"primary":{"type":"control_webhook","url":"https://hooks.customer-site.com/a"},
                         "fallback":[{"type":"control_webhook","url":"https://hooks.customer-site.com/b"}]})";
    for (int saved = 0; saved < 10; ++saved) CHECK(stage.save(two).status() == 200);
    auto const refused = stage.save(two);
    CHECK(refused.status() == 429);
    CHECK(stage.names.asked.size() == 20);               // not even the first of its names
    stage.clock.advance(std::chrono::seconds{std::stoi(refused.header("Retry-After"))});
    CHECK(stage.save(two).status() == 200);
}

TEST_CASE("a route records when the plan allows it") {
    NumberRouteStage stage;
    auto const refused = stage.put(stage.route, R"({"primary":{"type":"hangup"},"recording":{"enabled":true}})");
    CHECK(refused.status() == 403);
    CHECK(refused.error() == "feature_not_enabled");
    CHECK(refused.field() == "features.recording");
    CHECK(stage.put(stage.route, R"({"primary":{"type":"hangup"},"recording":{"enabled":false}})").status() == 200);
    stage.change_tenant([](model::Tenant& tenant) { tenant.features["recording"] = true; });
    CHECK(stage.put(stage.route, R"({"primary":{"type":"hangup"},"recording":{"enabled":true}})").status() == 200);
}

TEST_CASE("an endpoint of the tenant can be named, one of another tenant cannot, and events are de-duplicated") {
    NumberRouteStage stage;
    auto const now = stage.clock.now();
    auto const mine = test::endpoint_row(stage.tenant, "https://a.example.com/", {"call.failed"}, now);
    auto const other = stage.add_tenant("other", [](model::Tenant&) {});
    auto const theirs = test::endpoint_row(other, "https://b.example.com/", {"call.failed"}, now);
    stage.ok(stage.store->upsert_endpoint(mine, 10));
    stage.ok(stage.store->upsert_endpoint(theirs, 10));
    auto const body = [](EndpointId const& id) {
        return R"({"primary":{"type":"hangup"},"events":{"webhookEndpointId":")" + id.str() +
               R"(","subscribedEvents":["call.failed","call.ringing","call.failed"]}})";
    };
    auto const saved = stage.save(body(mine.id));
    REQUIRE(saved.status() == 200);
    CHECK(saved.body.at("events").at("subscribedEvents") == json::value(json::array{"call.failed", "call.ringing"}));
    CHECK(stage.save(body(theirs.id)).error() == "unknown_reference");
}
