// Endpoints, sample events, deliveries and replays (events-and-webhooks 3, 5 and 6).
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

struct WebhooksStage : ApiStage {
    static std::string body(std::string url, std::string more = R"("events":["call.completed"])") { return R"({"url":")" + url + "\"," + more + "}"; }
    test::Answered save(std::string json) { return post("/v1/webhook-endpoints", std::move(json)); }
    /// The one delivery there is.
    json::object delivery() {
        auto const list = get("/v1/webhook-deliveries");
        REQUIRE(list.data().size() == 1);
        return list.data()[0].as_object();
    }
    /// The dispatcher takes what is due, replays included.
    std::vector<store::DueDelivery> lease() {
        auto const endpoint = EndpointId::from(std::string{delivery().at("endpointId").as_string()});
        return ok(store->lease_due(clock.now(), clock.now() + 30s, {{endpoint, false, 10}, {endpoint, true, 10}}));
    }
    void attempt(DeliveryId id, model::DeliveryStatus outcome) {
        REQUIRE(lease().size() == 1);
        store::AttemptResult result{.delivery = id, .number = 1, .started_at = clock.now(), .status = 500, .outcome = outcome};
        result.error = outcome == model::DeliveryStatus::delivered ? "" : "http_500";
        result.signature_timestamp = unix_seconds(clock.now());
        result.signature = "v1=" + std::string(64, '0');
        ok(store->finish_attempts({result}));
    }
};

constexpr std::string_view here = "http://127.0.0.1:9000/events";

}  // namespace

TEST_CASE("a new endpoint shows its secret once; the same URL again is the same endpoint") {
    WebhooksStage stage;
    auto const made = stage.save(WebhooksStage::body(std::string{here}, R"("events":["call.completed","call.failed","call.completed"])"));
    REQUIRE(made.status() == 201);
    CHECK(made.body.at("events") == json::value(json::array{"call.completed", "call.failed"}));
    CHECK(made.body.at("enabled") == true);
    auto const secret = made.text("signingSecret");
    CHECK(secret.size() == 50);
    CHECK(made.text("signingSecretPrefix") == secret.substr(0, 12));
    auto const stored = stage.ok(stage.store->endpoint(stage.tenant.id, EndpointId::from(made.text("id"))));
    auto const raw = unseal(stage.master_key, stored.secret, stored.id.str());
    REQUIRE(raw);
    CHECK("whsec_" + base64(*raw) == secret);

    stage.clock.advance(1s);
    auto const again = stage.save(WebhooksStage::body(std::string{here}, R"("events":["call.ringing"],"enabled":false)"));
    CHECK(again.status() == 201);
    CHECK(again.text("id") == made.text("id"));
    CHECK(again.text("signingSecretPrefix") == made.text("signingSecretPrefix"));
    CHECK_FALSE(again.body.contains("signingSecret"));
    CHECK(again.body.at("enabled") == false);
    CHECK(again.text("createdAt") == made.text("createdAt"));
    CHECK(again.text("updatedAt") > made.text("updatedAt"));
    CHECK(stage.save(WebhooksStage::body(std::string{here})).body.at("enabled") == true);   // absent: the contract's default
}

TEST_CASE("an endpoint that was switched off tells why, until it is saved again") {
    WebhooksStage stage;
    auto const id = EndpointId::from(stage.save(WebhooksStage::body(std::string{here})).text("id"));
    auto const gone = [now = stage.clock.now()](model::WebhookEndpoint& row) -> Result<> {
        row.enabled = false;
        row.disabled_at = now;
        row.disabled_reason = "gone";
        return {};
    };
    stage.ok(stage.store->change_endpoint(stage.tenant.id, id, gone));
    auto const off = stage.get("/v1/webhook-endpoints").data().at(0).as_object();
    CHECK(off.at("enabled") == false);
    CHECK(off.at("disabledReason") == "gone");
    CHECK(off.at("disabledAt").as_string() == rfc3339(stage.clock.now()));
    CHECK_FALSE(stage.save(WebhooksStage::body(std::string{here})).body.contains("disabledReason"));
}

TEST_CASE("endpoints that do not match the contract are 400, others that cannot be meant 422") {
    WebhooksStage stage;
    struct Row { std::string body; int status; std::string error; std::string field; };
    std::string many;
    for (int entry = 0; entry < 33; ++entry) many += std::string{entry ? "," : ""} + "\"call.failed\"";
    for (auto const& [body, status, error, field] : {
             Row{R"({"events":["call.completed"]})", 400, "validation_failed", "url"},
             Row{R"({"url":"https://hooks.customer-site.com/"})", 400, "validation_failed", "events"},
             Row{WebhooksStage::body(std::string{here}, R"("events":["call.over"])"), 400, "validation_failed", "events[0]"},
             Row{WebhooksStage::body(std::string{here}, R"("events":"call.completed")"), 400, "validation_failed", "events"},
             Row{WebhooksStage::body(std::string{here}, R"("events":["call.failed"],"enabled":1)"), 400, "validation_failed", "enabled"},
             Row{WebhooksStage::body(std::string{here}, R"("events":[])"), 422, "limit_exceeded", "events"},
             Row{WebhooksStage::body(std::string{here}, "\"events\":[" + many + "]"), 422, "limit_exceeded", "events"},
             Row{WebhooksStage::body("http://hooks.customer-site.com/"), 422, "unsafe_url", "url"},
             Row{WebhooksStage::body("https://169.254.169.254/"), 422, "unsafe_url", "url"},
             Row{WebhooksStage::body("https://inside.customer-site.com/"), 422, "unsafe_url", "url"},
         }) {
        CAPTURE(body);
        auto const refused = stage.save(body);
        CHECK(refused.status() == status);
        CHECK(refused.error() == error);
        CHECK(refused.field() == field);
    }
    CHECK(stage.get("/v1/webhook-endpoints").data().empty());
    CHECK(stage.save(WebhooksStage::body("https://hooks.customer-site.com/events")).status() == 201);
}

TEST_CASE("the plan limits endpoints, not changes of them, and answers before the URL is judged") {
    WebhooksStage stage;
    stage.change_tenant([](model::Tenant& tenant) { tenant.limits["webhook_endpoints"] = 1; });
    CHECK(stage.save(WebhooksStage::body(std::string{here})).status() == 201);
    auto const refused = stage.save(WebhooksStage::body("https://10.0.0.1/"));
    CHECK(refused.status() == 403);
    CHECK(refused.error() == "plan_limit_reached");
    CHECK(stage.save(WebhooksStage::body(std::string{here})).status() == 201);
}

TEST_CASE("endpoints are listed newest first, a hundred at a time") {
    WebhooksStage stage;
    stage.change_tenant([](model::Tenant& tenant) { tenant.limits["webhook_endpoints"] = 200; });
    for (int made = 0; made < 101; ++made) {
        auto const row = test::endpoint_row(stage.tenant, "https://hooks.customer-site.com/" + std::to_string(made), {"call.failed"},
                                            stage.clock.now() + std::chrono::seconds{made});
        stage.ok(stage.store->upsert_endpoint(row, 200));
    }
    auto const first = stage.get("/v1/webhook-endpoints");
    CHECK(first.data().size() == 100);
    CHECK(first.data()[0].at("url") == "https://hooks.customer-site.com/100");
    auto const second = stage.get("/v1/webhook-endpoints?cursor=" + first.text("nextCursor"));
    REQUIRE(second.data().size() == 1);
    CHECK(second.data()[0].at("url") == "https://hooks.customer-site.com/0");
    CHECK_FALSE(second.body.contains("nextCursor"));
}

TEST_CASE("a sample goes to its endpoint alone, subscribed or not") {
    WebhooksStage stage;
    stage.save(WebhooksStage::body("http://127.0.0.1:9001/other"));
    auto const id = stage.save(WebhooksStage::body(std::string{here})).text("id");
    auto const sent = stage.post("/v1/webhook-endpoints/" + id + "/test", R"({"event":"number.activated"})");
    CHECK(sent.status() == 202);
    CHECK(sent.response.body.empty());
    CHECK(sent.header("Content-Type") == "");
    auto const queued = stage.delivery();
    CHECK(queued.at("endpointId").as_string() == id);
    CHECK(queued.at("event") == "number.activated");
    CHECK(queued.at("status") == "pending");
    auto const due = stage.lease();
    REQUIRE(due.size() == 1);
    auto const event = json::parse(due[0].body);
    CHECK(event->at("data").at("test") == true);
}

TEST_CASE("a sample without a type is call.completed, once for an Idempotency-Key") {
    WebhooksStage stage;
    auto const path = "/v1/webhook-endpoints/" + stage.save(WebhooksStage::body(std::string{here})).text("id") + "/test";
    CHECK(stage.post(path, "", "k").status() == 202);
    auto const again = stage.post(path, "", "k");
    CHECK(again.status() == 202);
    CHECK(again.header("Idempotent-Replayed") == "true");
    CHECK(again.response.body.empty());
    CHECK(stage.delivery().at("event") == "call.completed");
    CHECK(stage.post(path, R"({"event":"call.over"})").status() == 400);
    CHECK(stage.post(path, R"({"event":"call.complete"})").text("message").ends_with("is no event type; did you mean 'call.completed'?"));
    CHECK(stage.post(path, R"({"event":7})").status() == 400);
    CHECK(stage.post("/v1/webhook-endpoints/wh_1/test").status() == 404);
    stage.save(WebhooksStage::body(std::string{here}, R"("events":["call.failed"],"enabled":false)"));
    CHECK(stage.post(path).error() == "endpoint_disabled");
}

TEST_CASE("deliveries are found by state, and a replay sends one again") {
    WebhooksStage stage;
    auto const endpoint = stage.save(WebhooksStage::body(std::string{here})).text("id");
    stage.post("/v1/webhook-endpoints/" + endpoint + "/test");
    auto const id = DeliveryId::from(std::string{stage.delivery().at("id").as_string()});
    auto const replay = [&] { return stage.post("/v1/webhook-deliveries/" + id.str() + "/replay"); };
    CHECK(replay().status() == 202);                   // waiting: brought forward
    stage.attempt(id, model::DeliveryStatus::failed);
    auto const failed = stage.get("/v1/webhook-deliveries?status=failed").data();
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].at("lastError") == "http_500");
    CHECK(failed[0].at("attemptCount") == 1);
    CHECK(failed[0].at("signature").at("signature").as_string() == "v1=" + std::string(64, '0'));
    CHECK_FALSE(failed[0].as_object().contains("nextRetryAt"));
    CHECK(stage.get("/v1/webhook-deliveries?status=delivered").data().empty());
    CHECK(stage.get("/v1/webhook-deliveries?status=lost").field() == "status");

    auto const again = replay();
    CHECK(again.status() == 202);
    CHECK(again.response.body.empty());
    CHECK(stage.delivery().at("status") == "pending");
    CHECK(stage.delivery().at("nextRetryAt").as_string() == rfc3339(stage.clock.now()));
    REQUIRE(stage.lease().size() == 1);
    CHECK(replay().error() == "delivery_in_progress");
    CHECK_FALSE(stage.delivery().contains("nextRetryAt"));
    CHECK(stage.post("/v1/webhook-deliveries/whd_1/replay").status() == 404);
}

TEST_CASE("a tenant has forty samples sent at once, then ten a second; replays are counted apart") {
    WebhooksStage stage;
    auto const path = "/v1/webhook-endpoints/" + stage.save(WebhooksStage::body(std::string{here})).text("id") + "/test";
    for (int sample = 0; sample < 40; ++sample) CHECK(stage.post(path).status() == 202);
    auto const refused = stage.post(path);
    CHECK(refused.status() == 429);
    CHECK(refused.error() == "rate_limited");
    CHECK(refused.header("Retry-After") == "1");
    CHECK(stage.post("/v1/webhook-deliveries/whd_1/replay").status() == 404);
    stage.clock.advance(100ms);
    CHECK(stage.post(path).status() == 202);
    CHECK(stage.post(path).status() == 429);
}
