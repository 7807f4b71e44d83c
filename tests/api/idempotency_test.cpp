// The same request twice has one effect and one answer (api-semantics 5).
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

struct IdempotencyStage : ApiStage {
    std::string const route = "/v1/numbers/" + number.id.str() + "/route";
    std::string const hangup = R"({"primary":{"type":"hangup"}})";
    std::string const endpoint = R"({"url":"http://127.0.0.1:9000/events","events":["call.completed"]})";
};

}  // namespace

TEST_CASE("a repeated write is answered from memory, byte for byte, and marked") {
    IdempotencyStage stage;
    auto const first = stage.put(stage.route, stage.hangup, "save-1");
    REQUIRE(first.status() == 200);
    CHECK(first.header("Idempotent-Replayed") == "");
    stage.put(stage.route, R"({"primary":{"type":"hangup"},"metadata":{"v":2}})");
    auto const again = stage.put(stage.route, stage.hangup, "save-1");
    CHECK(again.status() == 200);
    CHECK(again.header("Idempotent-Replayed") == "true");
    CHECK(again.header("Content-Type") == first.header("Content-Type"));
    CHECK(again.response.body == first.response.body);
    CHECK(stage.get(stage.route).body.contains("metadata"));   // the repetition saved nothing
}

TEST_CASE("the order of keys and white space do not make another request, values do") {
    IdempotencyStage stage;
    REQUIRE(stage.post("/v1/webhook-endpoints", stage.endpoint, "k").status() == 201);
    auto const same = stage.post("/v1/webhook-endpoints", R"({ "events": ["call.completed"], "url": "http://127.0.0.1:9000/events" })", "k");
    CHECK(same.status() == 201);
    CHECK(same.header("Idempotent-Replayed") == "true");
    CHECK(stage.post("/v1/webhook-%65ndpoints", stage.endpoint, "k").header("Idempotent-Replayed") == "true");   // nor does how a path is escaped
    for (auto const& other : {stage.post("/v1/webhook-endpoints", R"({"url":"http://127.0.0.1:9000/events","events":["call.failed"]})", "k"),
                              stage.put(stage.route, stage.hangup, "k")}) {
        CHECK(other.status() == 409);
        CHECK(other.error() == "idempotency_key_reused");
    }
}

TEST_CASE("an absent body is the same as an empty object") {
    IdempotencyStage stage;
    auto const call = stage.ring();
    auto const path = "/v1/calls/" + call.str() + "/actions/hangup";
    REQUIRE(stage.post(path, "", "k").status() == 202);
    CHECK(stage.post(path, "{}", "k").header("Idempotent-Replayed") == "true");
}

TEST_CASE("a key belongs to the tenant, whichever API key is used") {
    IdempotencyStage stage;
    stage.put(stage.route, stage.hangup, "k");
    auto const first = std::exchange(stage.key, stage.add_key(stage.tenant.id, {}));
    CHECK(stage.put(stage.route, stage.hangup, "k").header("Idempotent-Replayed") == "true");
    auto const other = stage.add_tenant("other", [](model::Tenant&) {});
    auto const number = stage.add_number(other.id, "+918040000002");
    stage.key = stage.add_key(other.id, {});
    auto const theirs = stage.put("/v1/numbers/" + number.id.str() + "/route", stage.hangup, "k");
    CHECK(theirs.status() == 200);
    CHECK(theirs.header("Idempotent-Replayed") == "");
}

TEST_CASE("the secret of an endpoint is shown once") {
    IdempotencyStage stage;
    auto const first = stage.post("/v1/webhook-endpoints", stage.endpoint, "k");
    CHECK(first.text("signingSecret").starts_with("whsec_"));
    auto const again = stage.post("/v1/webhook-endpoints", stage.endpoint, "k");
    CHECK(again.text("id") == first.text("id"));
    CHECK_FALSE(again.body.contains("signingSecret"));
}

TEST_CASE("refusals are not remembered: the corrected world answers anew") {
    IdempotencyStage stage;
    auto const body = R"({"primary":{"type":"control_webhook","url":")" + stage.silent_url() + "\"}}";
    stage.change_tenant([](model::Tenant& tenant) { tenant.features["control_webhook"] = false; });
    CHECK(stage.put(stage.route, body, "k").status() == 403);
    stage.change_tenant([](model::Tenant& tenant) { tenant.features["control_webhook"] = true; });
    CHECK(stage.put(stage.route, body, "k").status() == 200);
    CHECK(stage.put("/v1/numbers/num_1/route", stage.hangup, "lost").status() == 404);
    CHECK(stage.put("/v1/numbers/num_1/route", stage.hangup, "lost").header("Idempotent-Replayed") == "");
    CHECK(stage.put(stage.route, R"({"primary":{"type":"control_webhook"}})", "bad").status() == 422);
    CHECK(stage.put(stage.route, stage.hangup, "bad").status() == 200);
}

TEST_CASE("a conflict of state is remembered, with the id of the request that asks") {
    IdempotencyStage stage;
    auto const call = stage.ring();
    auto const path = "/v1/calls/" + call.str() + "/actions/hangup";
    REQUIRE(stage.post(path, "", "first").status() == 202);
    REQUIRE(stage.until([&] { return stage.calls->live() == 0; }));
    auto const late = stage.post(path, "", "second");
    CHECK(late.status() == 409);
    CHECK(late.error() == "call_not_active");
    auto const again = stage.post(path, "", "second");
    CHECK(again.status() == 409);
    CHECK(again.header("Idempotent-Replayed") == "true");
    CHECK(again.error() == "call_not_active");
    auto const kept = stage.post(path, "", "first");   // its answer survives the call
    CHECK(kept.status() == 202);
    CHECK(kept.text("status") == "accepted");
}

TEST_CASE("two at once with one key are one effect and one 409") {
    IdempotencyStage stage;
    auto const key = store::IdempotencyKey{stage.tenant.id, "k", "another fingerprint"};
    REQUIRE(stage.ok(stage.store->begin_request(key, stage.clock.now())) == std::nullopt);
    CHECK(stage.put(stage.route, stage.hangup, "k").error() == "idempotency_key_reused");
    auto const print = sha256_hex("PUT\n" + stage.route + "\n" + json::canonical(*json::parse(stage.hangup)));
    REQUIRE(stage.ok(stage.store->begin_request({stage.tenant.id, "running", print}, stage.clock.now())) == std::nullopt);
    auto const running = stage.put(stage.route, stage.hangup, "running");
    CHECK(running.status() == 409);
    CHECK(running.error() == "idempotency_in_progress");
    CHECK(running.header("Retry-After") == "1");
}

TEST_CASE("a key is 1 to 128 visible ASCII characters, once") {
    IdempotencyStage stage;
    for (auto const& bad : {std::string(129, 'k'), std::string{"two words"}, std::string{"k\xc3\xa9"}, std::string{"\x7f"}})
        CHECK(stage.put(stage.route, stage.hangup, bad).field() == "Idempotency-Key");
    CHECK(stage.ask("PUT", stage.route, stage.hangup, {{"Idempotency-Key", ""}}).status() == 400);
    CHECK(stage.ask("PUT", stage.route, stage.hangup, {{"Idempotency-Key", "a"}, {"idempotency-key", "a"}}).status() == 400);
    CHECK(stage.put(stage.route, stage.hangup, std::string(128, 'k')).status() == 200);
    CHECK(stage.ask("GET", stage.route, "", {{"Idempotency-Key", "two words"}}).status() == 200);   // reads have none
}

TEST_CASE("a key is forgotten after a day") {
    IdempotencyStage stage;
    stage.put(stage.route, stage.hangup, "k");
    stage.clock.advance(24h);
    CHECK(stage.put(stage.route, stage.hangup, "k").header("Idempotent-Replayed") == "");
}
