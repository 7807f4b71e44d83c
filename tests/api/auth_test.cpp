#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

TEST_CASE("a key answers for its own tenant, in X-API-Key only") {
    ApiStage stage;
    auto const me = stage.get("/v1/me");
    CHECK(me.status() == 200);
    CHECK(me.text("id") == stage.tenant.id.str());
    CHECK(me.text("status") == "active");
    auto const key = std::exchange(stage.key, "");
    CHECK(stage.ask("GET", "/v1/me", "", {{"Authorization", "Bearer " + key}}).status() == 401);
    CHECK(stage.get("/v1/me?api_key=" + key).status() == 401);
}

TEST_CASE("every bad key gets the same 401, whatever is wrong with it") {
    ApiStage stage;
    auto const good = stage.key;
    auto const expired = stage.add_key(stage.tenant.id, [&](model::ApiKey& row) { row.expires_at = stage.clock.now() - 1s; });
    auto const revoked = stage.add_key(stage.tenant.id, [&](model::ApiKey& row) { row.revoked_at = stage.clock.now(); });
    auto const oper = stage.add_key({}, [](model::ApiKey& row) { row.operator_key = true; });
    auto broken = good;
    broken.back() = broken.back() == 'a' ? 'b' : 'a';
    std::optional<json::object> first;
    for (auto const& key : {std::string{}, std::string{"key"}, broken, api::make_key(api::KeyKind::live).shown, expired, revoked, oper}) {
        stage.key = key;
        auto const refused = stage.get("/v1/me");
        CHECK(refused.status() == 401);
        CHECK(refused.header("WWW-Authenticate") == "ApiKey");
        CHECK(refused.header("RateLimit") == "");
        auto body = refused.body;
        body.erase("requestId");
        if (!first) first = body;
        CHECK(body == *first);
        CHECK(body.at("error") == "unauthorized");
    }
    stage.key = good;
    CHECK(stage.ask("GET", "/v1/me", "", {{"X-API-Key", good}}).status() == 401);   // twice
}

TEST_CASE("a revoked key works for at most five seconds more, and not at all once it is forgotten") {
    ApiStage stage;
    auto const hash = sha256_hex(stage.key);
    CHECK(stage.get("/v1/me").status() == 200);
    stage.ok(stage.store->revoke_key(stage.ok(stage.store->keys(stage.tenant.id)).at(0).id, stage.clock.now()));
    SUBCASE("by itself") {
        stage.clock.advance(5s);
        CHECK(stage.get("/v1/me").status() == 401);
    }
    SUBCASE("told") {
        stage.api->forget_key(hash);
        CHECK(stage.get("/v1/me").status() == 401);
    }
}

TEST_CASE("the last use of a key is written at most once a minute") {
    ApiStage stage;
    auto const last_used = [&] { return stage.ok(stage.store->keys(stage.tenant.id)).at(0).last_used_at; };
    auto const first = stage.clock.now();
    stage.get("/v1/me");
    REQUIRE(stage.until([&] { return last_used().has_value(); }));
    CHECK(*last_used() == first);
    stage.clock.advance(59s);
    stage.get("/v1/me");
    CHECK(*last_used() == first);
    stage.clock.advance(1s);
    stage.get("/v1/me");
    CHECK(stage.until([&] { return *last_used() == first + 60s; }));
}

TEST_CASE("a key does what its scopes allow, and GET /me needs none") {
    ApiStage stage;
    stage.key = stage.add_key(stage.tenant.id, [](model::ApiKey& row) { row.scopes = {model::Scope::read}; });
    CHECK(stage.get("/v1/numbers").status() == 200);
    auto const refused = stage.post("/v1/webhook-endpoints", "{}");
    CHECK(refused.status() == 403);
    CHECK(refused.error() == "scope_missing");
    CHECK(stage.post("/v1/calls/call_1/actions/hangup").error() == "scope_missing");
    stage.key = stage.add_key(stage.tenant.id, [](model::ApiKey& row) { row.scopes = {}; });
    CHECK(stage.get("/v1/numbers").error() == "scope_missing");
    CHECK(stage.get("/v1/me").status() == 200);
}

TEST_CASE("a tenant that is not active may do less, and always ask who it is") {
    struct Row { model::TenantStatus status; int read; int write; std::string_view error; };
    ApiStage stage;
    for (auto const& [status, read, write, error] : {Row{model::TenantStatus::provisioning, 200, 403, "tenant_provisioning"},
                                                     Row{model::TenantStatus::suspended, 403, 403, "tenant_suspended"},
                                                     Row{model::TenantStatus::disabled, 403, 403, "tenant_disabled"}}) {
        stage.change_tenant([&](model::Tenant& tenant) { tenant.status = status; });
        CHECK(stage.get("/v1/me").status() == 200);
        CHECK(stage.get("/v1/numbers").status() == read);
        auto const refused = stage.post("/v1/webhook-endpoints", "not json");
        CHECK(refused.status() == write);
        CHECK(refused.error() == error);
    }
}

TEST_CASE("what belongs to another tenant does not exist") {
    ApiStage stage;
    auto const other = stage.add_tenant("other", [](model::Tenant&) {});
    auto const number = stage.add_number(other.id, "+918040000002");
    auto const foreign = stage.get("/v1/numbers/" + number.id.str());
    auto const unknown = stage.get("/v1/numbers/" + NumberId::fresh(stage.clock.now()).str());
    auto const malformed = stage.get("/v1/numbers/7");
    for (auto const* const answer : {&foreign, &unknown, &malformed}) {
        CHECK(answer->status() == 404);
        CHECK(answer->text("message") == foreign.text("message"));
    }
    CHECK(stage.get("/v1/numbers").data().size() == 1);
}

TEST_CASE("an address that fails too often is 429, and a known key still works from it") {
    ApiStage stage;
    CHECK(stage.get("/v1/me").status() == 200);
    auto const good = std::exchange(stage.key, api::make_key(api::KeyKind::live).shown);
    for (int tries = 0; tries < 50; ++tries) CHECK(stage.get("/v1/me").status() == 401);
    auto const refused = stage.get("/v1/me");
    CHECK(refused.status() == 429);
    CHECK(refused.error() == "rate_limited");
    CHECK(refused.header("Retry-After") == "1");
    stage.key = good;
    CHECK(stage.get("/v1/me").status() == 200);
    stage.clock.advance(6s);                             // it is looked up again, while others go on failing
    auto const bad = api::make_key(api::KeyKind::live).shown;
    for (int tries = 0; tries < 70; ++tries) {
        stage.key = bad;
        stage.get("/v1/me");
    }
    CHECK(stage.get("/v1/me").status() == 429);
    stage.key = good;
    CHECK(stage.get("/v1/me").status() == 200);
    stage.key = "nonsense";
    stage.from = *Address::parse("127.0.0.2", 40000);
    CHECK(stage.get("/v1/me").status() == 401);
}

TEST_CASE("an IPv6 host fails as its /64, whichever of its addresses it takes") {
    ApiStage stage;
    stage.key = "nonsense";
    for (int tries = 0; tries < 50; ++tries) {
        stage.from = *Address::parse("2001:db8:0:1::" + std::to_string(tries + 1), 40000);
        CHECK(stage.get("/v1/me").status() == 401);
    }
    stage.from = *Address::parse("2001:db8:0:1:ffff::1", 40000);
    CHECK(stage.get("/v1/me").status() == 429);
    stage.from = *Address::parse("2001:db8:0:2::1", 40000);
    CHECK(stage.get("/v1/me").status() == 401);
}
