#include <algorithm>
#include <mutex>

#include "support/running_app.hpp"

using namespace boni;
using test::member;

namespace {

/// A platform with the tenant "acme".
struct AdminStage {
    AdminStage() {
        auto const made = app.admin("POST", "/v1/tenants", R"({"key":"acme","displayName":"Acme","test":true,"limits":{"concurrent_calls":3}})");
        REQUIRE(made.status == 201);
        REQUIRE(member(made, {"controlSecret"}).starts_with("whsec_"));
    }
    app::Duties duties() {
        app::Duties out;
        out.event = [this](std::string_view envelope) {
            std::lock_guard const lock{mutex};
            events.emplace_back(envelope);
        };
        return out;
    }
    std::string api_key(std::string_view body = "{}") { return member(app.admin("POST", "/v1/tenants/acme/keys", body), {"apiKey"}); }

    test::TempFolder folder;
    std::mutex mutex;
    std::vector<std::string> events;
    test::RunningApp app{test::loopback_config(folder.path), duties()};
};

}  // namespace

TEST_CASE("tenants are made, shown, changed; mistakes name their field") {
    AdminStage stage;
    auto& app = stage.app;
    CHECK(member(app.admin("GET", "/v1/tenants/acme"), {"limits", "concurrent_calls"}) == "3");
    CHECK(app.admin("POST", "/v1/tenants", R"({"key":"acme"})").status == 409);
    auto const changed = app.admin("PATCH", "/v1/tenants/acme", R"({"status":"suspended","features":{"outbound":true}})");
    CHECK(member(changed, {"status"}) == "suspended");
    CHECK(member(changed, {"features", "outbound"}) == "true");
    CHECK(member(changed, {"limits", "concurrent_calls"}) == "3");
    CHECK(member(app.admin("PATCH", "/v1/tenants/acme", R"({"statu":"active"})"), {"details", "0", "field"}) == "statu");
    std::string accents;
    for (int i = 0; i < 22; ++i) accents += R"(\u00e9)";
    auto const cut = app.admin("PATCH", "/v1/tenants/acme", R"({"a)" + std::string(20, 'a') + accents + R"(":1})");
    CHECK(member(cut, {"error"}) == "validation_failed");   // and still UTF-8
    // JSON's 4.
    CHECK(member(app.admin("PATCH", "/v1/tenants/acme", R"({"limits":{"concurrent_calls":4.0}})"), {"limits", "concurrent_calls"}) == "4");
    CHECK(app.admin("PATCH", "/v1/tenants/acme", R"({"limits":{"concurrent_calls":4.5}})").status == 400);
    CHECK(member(app.admin("PATCH", "/v1/tenants/acme", R"({"limits":{"calls":1}})"), {"details", "0", "field"}) == "limits.calls");
    CHECK(app.admin("PATCH", "/v1/tenants/acme", R"({"status":"asleep"})").status == 400);
    CHECK(app.admin("POST", "/v1/tenants", R"({"key":"No Spaces"})").status == 400);
    CHECK(app.admin("GET", "/v1/tenants/nobody").status == 404);
    CHECK(app.admin("DELETE", "/v1/tenants/acme").status == 405);
    auto const first = member(app.admin("POST", "/v1/tenants/acme/control-secret"), {"controlSecret"});
    CHECK(first != member(app.admin("POST", "/v1/tenants/acme/control-secret"), {"controlSecret"}));
    // The old one would stop at once, whatever was wished for.
    CHECK(member(app.admin("POST", "/v1/tenants/acme/control-secret", R"({"overlapSeconds":3600})"), {"details", "0", "field"}) == "overlapSeconds");
}

TEST_CASE("limits have their floors, and more than 30 calls at once need their feature") {
    AdminStage stage;
    auto& app = stage.app;
    auto const limit = [&](std::string const& name, int value) {
        return app.admin("PATCH", "/v1/tenants/acme", R"({"limits":{")" + name + "\":" + std::to_string(value) + "}}");
    };
    CHECK(member(limit("recording_retention_days", 0), {"details", "0", "field"}) == "limits.recording_retention_days");
    CHECK(limit("recording_retention_days", 1).status == 200);
    CHECK(limit("timeline_retention_days", 89).status == 400);
    CHECK(limit("timeline_retention_days", 90).status == 200);
    CHECK(limit("concurrent_calls", 30).status == 200);
    auto const refused = limit("concurrent_calls", 31);
    CHECK(refused.status == 422);
    CHECK(member(refused, {"details", "0", "field"}) == "limits.concurrent_calls");
    CHECK(app.admin("PATCH", "/v1/tenants/acme", R"({"limits":{"concurrent_calls":31},"features":{"high_concurrency":true}})").status == 200);
    CHECK(member(app.public_api("GET", "/v1/me", stage.api_key()), {"limits", "concurrent_calls"}) == "31");
    CHECK(app.admin("PATCH", "/v1/tenants/acme", R"({"features":{"high_concurrency":false}})").status == 422);
}

TEST_CASE("a key works until it is revoked, and a suspension counts at once") {
    AdminStage stage;
    auto& app = stage.app;
    auto const key = stage.api_key(R"({"scopes":["read"]})");
    CHECK(key.starts_with("vp_test_"));
    CHECK(app.public_api("GET", "/v1/numbers", key).status == 200);
    app.admin("PATCH", "/v1/tenants/acme", R"({"status":"suspended"})");
    CHECK(member(app.public_api("GET", "/v1/numbers", key), {"error"}) == "tenant_suspended");
    app.admin("PATCH", "/v1/tenants/acme", R"({"status":"active"})");
    CHECK(app.public_api("GET", "/v1/numbers", key).status == 200);
    auto const listed = app.admin("GET", "/v1/tenants/acme/keys");
    CHECK(listed.body.find(key) == std::string::npos);
    auto const id = member(listed, {"data", "0", "id"});
    CHECK(app.admin("DELETE", "/v1/tenants/acme/keys/" + id).status == 204);
    CHECK(app.public_api("GET", "/v1/numbers", key).status == 401);
    CHECK(app.admin("DELETE", "/v1/tenants/acme/keys/key_01KAR7P3M4N5Q6R7S8T9V0W1X0").status == 404);
}

TEST_CASE("the operator's listener takes operator keys only, and they open nothing else") {
    AdminStage stage;
    auto& app = stage.app;
    auto const made = app.admin("POST", "/v1/operator-keys", R"({"name":"me"})");
    auto const oper = member(made, {"apiKey"});
    CHECK(oper.starts_with("vp_oper_"));
    CHECK(app.operator_api("GET", "/v1/tenants", oper).status == 200);
    CHECK(app.operator_api("GET", "/v1/tenants", {}).status == 401);
    CHECK(app.operator_api("GET", "/v1/tenants", stage.api_key()).status == 401);
    CHECK(app.public_api("GET", "/v1/me", oper).status == 401);
    CHECK(app.operator_api("GET", "/healthz", {}).status == 200);
    CHECK(app.operator_api("DELETE", "/v1/operator-keys/" + member(made, {"id"}), oper).status == 204);
    CHECK(app.operator_api("GET", "/v1/tenants", oper).status == 401);
}

TEST_CASE("a number that goes live or leaves is told to the customer, once") {
    AdminStage stage;
    auto& app = stage.app;
    auto const made = app.admin("POST", "/v1/tenants/acme/numbers", R"({"phoneNumber":"+918040000001","activationStatus":"carrier_ready"})");
    CHECK(made.status == 201);
    CHECK(stage.events.empty());
    CHECK(app.admin("POST", "/v1/tenants/acme/numbers", R"({"phoneNumber":"+918040000001"})").status == 409);
    CHECK(app.admin("POST", "/v1/tenants/acme/numbers", R"({"phoneNumber":"08040000001"})").status == 400);
    auto const path = std::string{"/v1/tenants/acme/numbers/+918040000001"};
    CHECK(app.admin("PATCH", path, R"({"activationStatus":"live"})").status == 200);
    CHECK(app.admin("PATCH", path, R"({"activationStatus":"live"})").status == 200);
    CHECK(app.admin("PATCH", path, R"({"status":"disabled","reason":"kyc"})").status == 200);
    CHECK(app.admin("PATCH", path, R"({"reason":"whim"})").status == 400);
    app.stop();
    REQUIRE(stage.events.size() == 2);
    CHECK(stage.events[0].find(R"("event_type":"number.activated")") != std::string::npos);
    CHECK(stage.events[0].find(R"("previousActivationStatus":"carrier_ready")") != std::string::npos);
    CHECK(stage.events[1].find(R"("event_type":"number.suspended")") != std::string::npos);
    CHECK(stage.events[1].find(R"("reason":"kyc")") != std::string::npos);
}

TEST_CASE("a route that is switched off stays so whatever its customer saves, until it is on again") {
    AdminStage stage;
    auto& app = stage.app;
    auto const number = member(app.admin("POST", "/v1/tenants/acme/numbers", R"({"phoneNumber":"+918040000031"})"), {"id"});
    std::string const path = "/v1/tenants/acme/numbers/+918040000031/route", own = "/v1/numbers/" + number + "/route";
    auto const key = stage.api_key();
    CHECK(app.admin("GET", path).status == 404);
    CHECK(app.admin("PATCH", path, R"({"enabled":false})").status == 404);
    REQUIRE(app.public_api("PUT", own, key, R"({"primary":{"type":"hangup"}})").status == 200);
    CHECK(app.admin("PATCH", path, "{}").status == 400);
    CHECK(member(app.admin("PATCH", path, R"({"enabled":false})"), {"status"}) == "disabled");
    CHECK(member(app.public_api("GET", own, key), {"status"}) == "disabled");
    CHECK(member(app.public_api("PUT", own, key, R"({"primary":{"type":"hangup"},"metadata":{"a":1}})"), {"status"}) == "disabled");
    CHECK(member(app.admin("PATCH", path, R"({"enabled":true})"), {"status"}) == "active");
    CHECK(member(app.admin("GET", path), {"metadata", "a"}) == "1");
}

TEST_CASE("a trunk with a mistake is refused with its field and changes nothing") {
    AdminStage stage;
    auto& app = stage.app;
    auto const refused = app.admin("PUT", "/v1/trunks/carrier", R"({"kind":"ip","addresses":["203.0.113.0/28"],"targts":[]})");
    CHECK(refused.status == 422);
    CHECK(member(refused, {"details", "0", "field"}) == "targts");
    CHECK(member(app.admin("GET", "/v1/trunks"), {"data"}) == "[]");
    auto const unspoken = app.admin("PUT", "/v1/trunks/carrier", R"({"kind":"ip","addresses":["203.0.113.0/28"],"codecs":["PCMA","G729"]})");
    CHECK(unspoken.status == 400);
    CHECK(unspoken.body.contains("G729"));
    CHECK(app.admin("PUT", "/v1/trunks/carrier", R"({"kind":"ip","addresses":["203.0.113.0/28"]})").status == 201);
    auto const shown = app.admin("GET", "/v1/trunks");
    CHECK(member(shown, {"data", "0", "addresses", "0"}) == "203.0.113.0/28");
    CHECK(app.admin("PUT", "/v1/trunks/carrier", member(shown, {"data", "0"})).status == 200);
    CHECK(app.admin("DELETE", "/v1/trunks/carrier").status == 204);
    CHECK(app.admin("DELETE", "/v1/trunks/carrier").status == 404);
}

TEST_CASE("a number is tied to a trunk that there is, and that stays while it is") {
    AdminStage stage;
    auto& app = stage.app;
    std::string const numbers = "/v1/tenants/acme/numbers", path = numbers + "/+918040000001";
    auto const refused = app.admin("POST", numbers, R"({"phoneNumber":"+918040000001","trunk":"carrier"})");
    CHECK(refused.status == 422);
    CHECK(member(refused, {"error"}) == "unknown_reference");
    CHECK(member(refused, {"details", "0", "field"}) == "trunk");
    CHECK(app.admin("POST", numbers, R"({"phoneNumber":"+918040000001"})").status == 201);
    CHECK(app.admin("PATCH", path, R"({"trunk":"carrier"})").status == 422);
    CHECK(app.admin("PUT", "/v1/trunks/carrier", R"({"kind":"ip","addresses":["203.0.113.0/28"]})").status == 201);
    CHECK(member(app.admin("PATCH", path, R"({"trunk":"carrier"})"), {"trunk"}) == "carrier");
    CHECK(member(app.admin("DELETE", "/v1/trunks/carrier"), {"error"}) == "trunk_in_use");
    CHECK(member(app.admin("PATCH", path, R"({"trunk":""})"), {"trunk"}).empty());
    CHECK(app.admin("DELETE", "/v1/trunks/carrier").status == 204);
}

TEST_CASE("a signing secret rotates with an overlap, once at a time") {
    AdminStage stage;
    auto& app = stage.app;
    auto const made = app.public_api("POST", "/v1/webhook-endpoints", stage.api_key(),
                                     R"({"url":"http://127.0.0.1:9000/events","events":["call.completed"]})");
    REQUIRE_MESSAGE(made.status == 201, made.body);
    auto const path = "/v1/tenants/acme/webhook-endpoints/" + member(made, {"id"});
    auto const rotated = app.admin("POST", path + "/rotate-secret", R"({"overlapSeconds":7200})");
    CHECK(member(rotated, {"signingSecret"}) != member(made, {"signingSecret"}));
    CHECK(member(rotated, {"signingSecret"}).starts_with(member(rotated, {"signingSecretPrefix"})));
    CHECK(!member(rotated, {"previousSecretUntil"}).empty());
    CHECK(member(app.admin("POST", path + "/rotate-secret"), {"error"}) == "rotation_in_progress");
    CHECK(app.admin("DELETE", path + "/previous-secret").status == 204);
    CHECK(app.admin("POST", path + "/rotate-secret", R"({"overlapSeconds":60})").status == 400);
    CHECK(app.admin("POST", path + "/rotate-secret").status == 200);
    CHECK(member(app.admin("PATCH", path, R"({"enabled":false,"signatureMode":"single"})"), {"disabledReason"}) == "operator");
    CHECK(app.admin("DELETE", path).status == 204);
    CHECK(member(app.admin("GET", "/v1/tenants/acme/webhook-endpoints"), {"data"}) == "[]");
}

TEST_CASE("a name that is none is answered with the one that was meant") {
    AdminStage stage;
    auto const said = [&](std::string_view method, std::string_view path, std::string_view body) {
        return member(stage.app.admin(method, path, body), {"message"});
    };
    CHECK(said("PATCH", "/v1/tenants/acme", R"({"limits":{"concurent_calls":1}})") == "limits.concurent_calls is no limit; did you mean 'concurrent_calls'?");
    CHECK(said("PATCH", "/v1/tenants/acme", R"({"features":{"recordin":true}})") == "features.recordin is no feature; did you mean 'recording'?");
    CHECK(said("POST", "/v1/plans/p/prices", R"({"prices":{"minutes":{"priceInr":1}}})").starts_with("prices.minutes is no event type of usage; there are inbound_call_minutes, "));
}

TEST_CASE("a plan that has no price is refused once there are prices: calls of a tenant that pays for it would be free") {
    AdminStage stage;
    auto& app = stage.app;
    auto const plan = [&](std::string const& name) { return app.admin("PATCH", "/v1/tenants/acme", R"({"plan":")" + name + "\"}"); };
    CHECK(plan("launch").status == 200);                       // the price book is empty: all is free, and said so
    CHECK(plan("").status == 422);
    REQUIRE(app.admin("POST", "/v1/plans/launch/prices", R"({"prices":{"inbound_call_minutes":{"priceInr":1}}})").status == 201);
    auto const refused = plan("lanch");
    CHECK(refused.status == 422);
    CHECK(member(refused, {"error"}) == "unknown_reference");
    CHECK(member(refused, {"details", "0", "field"}) == "plan");
    CHECK(member(refused, {"message"}) == "the price book has no plan 'lanch'; did you mean 'launch'?");
    CHECK(app.admin("POST", "/v1/tenants", R"({"key":"other","plan":"enterprise"})").status == 422);
    CHECK(member(app.admin("GET", "/v1/tenants/acme"), {"plan"}) == "launch");
    CHECK(member(app.admin("POST", "/v1/tenants", R"({"key":"other"})"), {"plan"}) == "standard");
    CHECK(plan("standard").status == 200);
    CHECK(plan("launch").status == 200);
    CHECK(app.admin("PATCH", "/v1/tenants/acme", R"({"plan":"launch","displayName":"Acme"})").status == 200);
}

TEST_CASE("an address that shows wrong operator keys waits, and a key that worked before goes on from there") {
    AdminStage stage;
    auto& app = stage.app;
    auto const key = member(app.admin("POST", "/v1/operator-keys"), {"apiKey"});
    auto const later = member(app.admin("POST", "/v1/operator-keys"), {"apiKey"});
    auto const ask = [&](std::string_view shown) { return app.operator_api("GET", "/v1/tenants", shown); };
    CHECK(ask(key).status == 200);
    auto refused = ask("nonsense");
    for (int tries = 0; tries < 200 && refused.status == 401; ++tries) refused = ask("nonsense");
    CHECK(refused.status == 429);
    CHECK(member(refused, {"error"}) == "rate_limited");
    CHECK(refused.at("retry-after") == "1");
    CHECK(ask(key).status == 200);
    for (int tries = 0; tries < 20; ++tries) ask("nonsense");   // the bucket fills while we ask
    CHECK(ask(later).status == 429);
    CHECK(app.admin("GET", "/v1/tenants").status == 200);       // the socket needs none
}

TEST_CASE("a parameter that is none is refused: it was meant to keep something out") {
    AdminStage stage;
    auto const asked = [&](std::string_view path) { return stage.app.admin("GET", path); };
    auto const refused = asked("/v1/cdr?tennant=acme");
    CHECK(refused.status == 400);
    CHECK(member(refused, {"message"}) == "tennant is no parameter here; did you mean 'tenant'?");
    CHECK(member(asked("/v1/numbers?tenant=acme"), {"message"}) == "tenant is no parameter here; there are limit, cursor");
    CHECK(member(asked("/v1/tenants/acme?limit=1"), {"details", "0", "field"}) == "limit");
    CHECK(asked("/v1/cdr?tenant=acme").status == 200);
    CHECK(asked("/v1/audit?tenant=acme&limit=5").status == 200);
    CHECK(asked("/v1/tenants?limit=5").status == 200);
    CHECK(stage.app.admin("POST", "/v1/tenants?dry_run=true", R"({"key":"other"})").status == 400);
    CHECK(asked("/v1/tenants/other").status == 404);
}

TEST_CASE("an operator's key shows when it was used") {
    AdminStage stage;
    auto& app = stage.app;
    auto const made = app.admin("POST", "/v1/operator-keys", R"({"name":"night shift"})");
    CHECK(member(app.admin("GET", "/v1/operator-keys"), {"data", "0", "lastUsedAt"}).empty());
    REQUIRE(app.operator_api("GET", "/v1/tenants", member(made, {"apiKey"})).status == 200);
    std::string used;
    for (auto const until = std::chrono::steady_clock::now() + 5s; used.empty() && std::chrono::steady_clock::now() < until;)
        used = member(app.admin("GET", "/v1/operator-keys"), {"data", "0", "lastUsedAt"});
    CHECK_FALSE(used.empty());
}
