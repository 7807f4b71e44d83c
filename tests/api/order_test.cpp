// The order of checks (api-semantics 1), the form of errors (3) and the limits (6), seen from outside.
#include "base/metrics.hpp"
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

TEST_CASE("the first failing check answers") {
    ApiStage stage;
    auto const good = stage.key;
    auto const route = "/v1/numbers/" + stage.number.id.str() + "/route";
    SUBCASE("path and method before the key") {
        stage.key = "";
        CHECK(stage.get("/v1/nothing").status() == 404);
        CHECK(stage.get("/v2/me").status() == 404);
        auto const refused = stage.ask("DELETE", route);
        CHECK(refused.status() == 405);
        CHECK(refused.error() == "method_not_allowed");
        CHECK(refused.header("Allow") == "GET, HEAD, PUT");
        CHECK(stage.get("/v1/me").status() == 401);
    }
    SUBCASE("the key before the body") {
        stage.key = "";
        CHECK(stage.put(route, "{").status() == 401);
    }
    SUBCASE("content type, then JSON, then the schema, then the Idempotency-Key, then the resource") {
        auto const elsewhere = std::string{"/v1/numbers/num_1/route"};
        auto const hangup = std::string{R"({"primary":{"type":"hangup"}})"};
        CHECK(stage.ask("PUT", elsewhere, "{", {{"Content-Type", "text/plain"}}).status() == 415);
        CHECK(stage.ask("PUT", elsewhere, "{}", {{"Content-Encoding", "gzip"}}).error() == "unsupported_media_type");
        CHECK(stage.put(elsewhere, "{").error() == "invalid_json");
        CHECK(stage.put(elsewhere, "[]").error() == "validation_failed");
        CHECK(stage.put(elsewhere, "{}", "not visible\x01").field() == "primary");
        CHECK(stage.put(elsewhere, hangup, "not visible\x01").field() == "Idempotency-Key");
        CHECK(stage.put(elsewhere, hangup).status() == 404);
    }
    SUBCASE("the resource before features, features before values") {
        auto const recorded = std::string{R"({"primary":{"type":"control_webhook"},"recording":{"enabled":true}})"};
        CHECK(stage.put("/v1/numbers/num_1/route", recorded).status() == 404);
        CHECK(stage.put(route, recorded).error() == "feature_not_enabled");
        CHECK(stage.put(route, recorded).field() == "features.recording");
        CHECK(stage.put(route, R"({"primary":{"type":"control_webhook"}})").error() == "invalid_target");
    }
}

TEST_CASE("HEAD works wherever GET does") {
    ApiStage stage;
    CHECK(stage.ask("HEAD", "/v1/me").status() == 200);
    CHECK(stage.ask("HEAD", "/v1/numbers?limit=0").status() == 400);
}

TEST_CASE("every answer has its request's id and is not cached, errors included") {
    ApiStage stage;
    for (std::string const path : {"/v1/me", "/v1/nothing", "/v1/calls/call_1"}) CHECK(stage.get(path).header("Cache-Control") == "no-store");
}

TEST_CASE("answers to a valid key tell the limits of tenant and key, and which is tighter") {
    ApiStage stage;
    auto const first = stage.get("/v1/me");
    CHECK(first.header("RateLimit-Policy") == "\"tenant\";q=100;w=1, \"key\";q=50;w=1");
    CHECK(first.header("RateLimit") == "\"key\";r=99;t=1");
    CHECK(stage.get("/v1/calls/call_1").header("RateLimit") == "\"key\";r=98;t=1");
    stage.change_tenant([](model::Tenant& tenant) { tenant.limits["requests_per_minute"] = 600; });
    CHECK(stage.get("/v1/me").header("RateLimit") == "\"tenant\";r=19;t=1");
    stage.change_tenant([](model::Tenant& tenant) { tenant.limits["key_requests_per_minute"] = 90; });
    CHECK(stage.get("/v1/me").header("RateLimit-Policy") == "\"tenant\";q=10;w=1, \"key\";q=90;w=60");
}

TEST_CASE("the tightest bucket refuses with 429 and a time") {
    ApiStage stage;
    SUBCASE("the key's, and time gives it back") {
        for (int asked = 0; asked < 100; ++asked) CHECK(stage.get("/v1/me").status() == 200);
        auto const refused = stage.get("/v1/me");
        CHECK(refused.status() == 429);
        CHECK(refused.error() == "rate_limited");
        CHECK(refused.header("Retry-After") == "1");
        CHECK(refused.header("RateLimit") == "\"key\";r=0;t=2");
        stage.clock.advance(20ms);
        CHECK(stage.get("/v1/me").status() == 200);
    }
    SUBCASE("the tenant's, by two keys") {
        auto const first = stage.key;
        auto const second = stage.add_key(stage.tenant.id, {});
        for (int asked = 0; asked < 200; ++asked) {
            stage.key = asked % 2 ? first : second;
            CHECK(stage.get("/v1/me").status() == 200);
        }
        stage.key = stage.add_key(stage.tenant.id, {});
        stage.clock.advance(-1ms);                     // the new key's instant
        CHECK(stage.get("/v1/me").status() == 429);
    }
    SUBCASE("lists") {
        for (int asked = 0; asked < 40; ++asked) CHECK(stage.get(asked % 2 ? "/v1/calls" : "/v1/numbers").status() == 200);
        CHECK(stage.get("/v1/webhook-deliveries").status() == 429);
        CHECK(stage.get("/v1/me").status() == 200);
    }
    SUBCASE("actions of one call") {
        for (int asked = 0; asked < 10; ++asked) CHECK(stage.post("/v1/calls/call_1/actions/hangup").status() == 404);
        CHECK(stage.post("/v1/calls/call_1/actions/hangup").status() == 429);
        CHECK(stage.post("/v1/calls/call_2/actions/hangup").status() == 404);
    }
    SUBCASE("actions of one call, and a key without that scope takes none of them") {
        auto const whole = std::exchange(stage.key, stage.add_key(stage.tenant.id, [](model::ApiKey& row) { row.scopes = {model::Scope::read}; }));
        for (int asked = 0; asked < 20; ++asked) CHECK(stage.post("/v1/calls/call_1/actions/hangup").error() == "scope_missing");
        stage.key = whole;
        CHECK(stage.post("/v1/calls/call_1/actions/hangup").status() == 404);
    }
    SUBCASE("replays") {
        for (int asked = 0; asked < 10; ++asked) CHECK(stage.post("/v1/webhook-deliveries/whd_1/replay").status() == 404);
        CHECK(stage.post("/v1/webhook-deliveries/whd_1/replay").status() == 429);
    }
}

TEST_CASE("without rate limits nothing is refused, and the policy is still told") {
    ApiStage stage{{.rate_limits = false}};
    for (int asked = 0; asked < 120; ++asked) CHECK(stage.get("/v1/numbers").status() == 200);
    CHECK(stage.get("/v1/me").header("RateLimit") == "\"key\";r=100;t=1");
}

TEST_CASE("more requests at once than the platform takes are overloaded") {
    ApiStage stage{{.in_flight_max = 0}};
    auto const refused = stage.get("/v1/me");
    CHECK(refused.status() == 429);
    CHECK(refused.error() == "overloaded");
    CHECK(refused.header("Retry-After") == "1");
}

TEST_CASE("requests are measured by the operation's path, never by an id") {
    ApiStage stage;
    stage.get("/v1/calls/call_1");
    stage.get("/v1/calls_of_somebody");
    auto const text = metrics::render();
    CHECK(text.contains(R"(boni_http_request_duration_seconds_count{code="404",method="GET",route="/v1/calls/{call_id}"})"));
    CHECK(text.contains(R"(route="none")"));
    CHECK_FALSE(text.contains("call_1"));
}

TEST_CASE("while draining only actions of live calls are done") {
    ApiStage stage;
    auto const call = stage.ring();
    stage.api->draining(true);
    auto const refused = stage.get("/v1/me");
    CHECK(refused.status() == 503);
    CHECK(refused.error() == "unavailable");
    CHECK(refused.header("Retry-After") == "1");
    CHECK(stage.post("/v1/calls/call_1/actions/hangup").status() == 503);
    CHECK(stage.post("/v1/calls/" + call.str() + "/actions/hangup").status() == 202);
}
