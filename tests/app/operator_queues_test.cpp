// What waits for the operator: requests for numbers, WhatsApp numbers; and the price book.
#include <mutex>

#include "support/running_app.hpp"

using namespace boni;
using test::member;

namespace {

/// A platform with the tenant "acme" and a key of it.
struct OperatorQueuesStage {
    OperatorQueuesStage() {
        REQUIRE(app.admin("POST", "/v1/tenants", R"({"key":"acme","plan":"launch","features":{"whatsapp_calling":true}})").status == 201);
        key = member(app.admin("POST", "/v1/tenants/acme/keys"), {"apiKey"});
    }
    app::Duties duties() {
        app::Duties out;
        out.event = [this](std::string_view envelope) {
            std::lock_guard const lock{mutex};
            events.emplace_back(envelope);
        };
        return out;
    }
    test::Answer ask(std::string_view method, std::string_view path, std::string_view body = {}) { return app.public_api(method, path, key, body); }

    test::TempFolder folder;
    std::mutex mutex;
    std::vector<std::string> events;
    test::RunningApp app{test::loopback_config(folder.path), duties()};
    std::string key;
};

}  // namespace

TEST_CASE("a number request goes through KYC to a number that the customer hears of") {
    OperatorQueuesStage stage;
    auto& app = stage.app;
    auto const id = member(stage.ask("POST", "/v1/number-requests", R"({"useCase":"support"})"), {"id"});
    auto const path = "/v1/number-requests/" + id;
    CHECK(member(app.admin("GET", "/v1/number-requests"), {"data", "0", "useCase"}) == "support");
    CHECK(member(app.admin("GET", "/v1/tenants/acme/number-requests"), {"data", "0", "id"}) == id);
    CHECK(app.admin("PATCH", path, R"({"status":"fulfilled","phoneNumber":"+918040000001"})").status == 409);
    CHECK(member(app.admin("PATCH", path, R"({"status":"kyc_required","note":"GST certificate"})"), {"note"}) == "GST certificate");
    CHECK(app.admin("PATCH", path, R"({"status":"approved","phoneNumber":"+918040000001"})").status == 400);
    CHECK(member(app.admin("PATCH", path, R"({"status":"approved"})"), {"note"}) == "GST certificate");
    CHECK(member(app.admin("PATCH", path, R"({"status":"fulfilled"})"), {"details", "0", "field"}) == "phoneNumber");
    auto const done = app.admin("PATCH", path, R"({"status":"fulfilled","phoneNumber":"+918040000001","label":"Support"})");
    CHECK(member(done, {"status"}) == "fulfilled");
    CHECK(member(stage.ask("GET", "/v1/numbers/" + member(done, {"numberId"})), {"label"}) == "Support");
    CHECK(app.admin("PATCH", path, R"({"status":"rejected"})").status == 409);
    CHECK(app.admin("PATCH", "/v1/number-requests/nreq_1", R"({"status":"rejected"})").status == 404);
    app.stop();
    REQUIRE(stage.events.size() == 1);
    CHECK(stage.events[0].find(R"("event_type":"number.activated")") != std::string::npos);
}

TEST_CASE("a number that was kept ready goes live with its request, and no number fulfils two") {
    OperatorQueuesStage stage;
    auto& app = stage.app;
    auto const approved = [&] {
        auto const path = "/v1/number-requests/" + member(stage.ask("POST", "/v1/number-requests", R"({"useCase":"support"})"), {"id"});
        CHECK(app.admin("PATCH", path, R"({"status":"approved"})").status == 200);
        return path;
    };
    auto const ready = member(app.admin("POST", "/v1/tenants/acme/numbers",
                                        R"({"phoneNumber":"+918040000001","label":"Desk","status":"reserved","activationStatus":"test_passed"})"), {"id"});
    CHECK(member(app.admin("PATCH", approved(), R"({"status":"fulfilled","phoneNumber":"+918040000001"})"), {"numberId"}) == ready);
    auto const shown = stage.ask("GET", "/v1/numbers/" + ready);
    CHECK(member(shown, {"status"}) == "assigned");
    CHECK(member(shown, {"activationStatus"}) == "live");
    CHECK(member(shown, {"label"}) == "Desk");
    auto const second = approved();
    CHECK(member(app.admin("PATCH", second, R"({"status":"fulfilled","phoneNumber":"+918040000001"})"), {"error"}) == "duplicate_number");
    app.admin("POST", "/v1/tenants/acme/numbers", R"({"phoneNumber":"+918050000001","type":"whatsapp_calling","activationStatus":"carrier_ready"})");
    CHECK(app.admin("PATCH", second, R"({"status":"fulfilled","phoneNumber":"+918050000001"})").status == 400);
    CHECK(app.admin("PATCH", second, R"({"status":"fulfilled","phoneNumber":"+918040000002"})").status == 200);
    app.stop();
    REQUIRE(stage.events.size() == 2);
    CHECK(stage.events[0].find(R"("previousActivationStatus":"test_passed")") != std::string::npos);
}

TEST_CASE("a WhatsApp number becomes active when the operator has verified it, with the default route it was asked for") {
    OperatorQueuesStage stage;
    auto& app = stage.app;
    auto const number = member(app.admin("POST", "/v1/tenants/acme/numbers",
                                         R"({"phoneNumber":"+918050000001","type":"whatsapp_calling","activationStatus":"carrier_ready"})"), {"id"});
    auto const path = "/v1/tenants/acme/whatsapp-numbers/" + number;
    CHECK(member(app.admin("PATCH", path, R"({"callingStatus":"active"})"), {"error"}) == "invalid_transition");
    auto const enable = "/v1/whatsapp-calling/numbers/" + number;
    CHECK(stage.ask("POST", enable + "/enable", R"({"phoneNumberId":"109876543210","defaultRoute":{"primary":{"type":"hangup"}}})").status == 202);
    CHECK(member(app.admin("GET", "/v1/whatsapp-numbers"), {"data", "0", "phoneNumberId"}) == "109876543210");
    CHECK(stage.ask("GET", enable + "/route").status == 404);
    CHECK(app.admin("PATCH", path, R"({"callingStatus":"pending"})").status == 400);
    CHECK(member(app.admin("PATCH", path, R"({"callingStatus":"failing","reason":"payment method"})"), {"reason"}) == "payment method");
    CHECK(member(app.admin("PATCH", path, R"({"consentStatus":"unknown"})"), {"reason"}) == "payment method");
    CHECK(member(app.admin("PATCH", path, R"({"callingStatus":"active"})"), {"consentStatus"}) == "not_required");
    CHECK(member(stage.ask("GET", enable + "/route"), {"primary", "type"}) == "hangup");
    auto const shown = stage.ask("GET", "/v1/whatsapp-calling/numbers");
    CHECK(member(shown, {"data", "0", "whatsapp", "callingStatus"}) == "active");
    CHECK(member(shown, {"data", "0", "routeStatus"}) == "configured");
    CHECK(!member(shown, {"data", "0", "whatsapp", "lastHealthCheckAt"}).empty());
    app.stop();
    REQUIRE(stage.events.size() == 1);
    CHECK(stage.events[0].find(R"("event_type":"whatsapp_calling.enabled")") != std::string::npos);
}

TEST_CASE("price cards count up by plan and refuse what they do not know") {
    OperatorQueuesStage stage;
    auto& app = stage.app;
    auto const path = "/v1/plans/launch/prices";
    CHECK(member(app.admin("POST", path, R"({"prices":{"inbound_call_minutes":{"priceInr":0.65,"pulse":60,"included":1000}}})"), {"version"}) == "1");
    CHECK(member(app.admin("POST", path, R"({"validFrom":"2027-01-01","prices":{"inbound_call_minutes":{"priceInr":0.7}}})"), {"validFrom"}) ==
          "2026-12-31T18:30:00.000Z");
    for (std::string const body : {"{}", R"({"prices":{}})", R"({"prices":{"minutes":{"priceInr":1}}})", R"({"prices":{"inbound_call_minutes":{}}})",
                                   R"({"prices":{"inbound_call_minutes":{"priceInr":-1}}})", R"({"prices":{"inbound_call_minutes":{"priceInr":1,"pulse":0}}})",
                                   R"({"prices":{"inbound_call_minutes":{"priceInr":1,"pulse":2.5}}})",
                                   R"({"prices":{"inbound_call_minutes":{"priceInr":1}},"validFrom":"soon"})"}) {
        CAPTURE(body);
        CHECK(app.admin("POST", path, body).status == 400);
    }
    CHECK(app.admin("POST", "/v1/plans/lau%0Anch/prices", R"({"prices":{"inbound_call_minutes":{"priceInr":1}}})").status == 400);
    auto const priced = [&](std::string const& rupees) { return app.admin("POST", path, R"({"prices":{"llm_input_tokens":{"priceInr":)" + rupees + "}}}"); };
    auto const dear = priced("100000.01");
    CHECK(dear.status == 422);
    CHECK(member(dear, {"error"}) == "limit_exceeded");
    CHECK(member(dear, {"details", "0", "field"}) == "prices.llm_input_tokens.priceInr");
    CHECK(member(priced("0.0000125"), {"message"}) == "prices.llm_input_tokens.priceInr has at most six decimals");
    for (std::string const rupees : {"0", "0.000013", "0.65", "99999.999999", "100000"}) CHECK_MESSAGE(priced(rupees).status == 201, rupees);
    CHECK(member(app.admin("GET", "/v1/prices"), {"data", "1", "version"}) == "2");
}

TEST_CASE("the operator's lists of what tenants have come in pages") {
    OperatorQueuesStage stage;
    auto& app = stage.app;
    for (int n = 0; n < 3; ++n) {
        stage.ask("POST", "/v1/number-requests", R"({"useCase":"use )" + std::to_string(n) + "\"}");
        app.admin("POST", "/v1/tenants/acme/numbers", R"({"type":"whatsapp_calling","phoneNumber":"+91804000010)" + std::to_string(n) + "\"}");
    }
    for (auto const* const key : {"globex", "initech"}) app.admin("POST", "/v1/tenants", R"({"key":")" + std::string{key} + R"(","test":true})");
    for (std::string const n : {"0", "1", "2"}) {
        stage.ask("POST", "/v1/webhook-endpoints", R"({"url":"http://127.0.0.1:8099/)" + n + R"(","events":["call.completed"]})");
        app.admin("POST", "/v1/tenants/globex/keys");
        app.admin("POST", "/v1/operator-keys");
        app.admin("POST", "/v1/tenants/acme/teams", R"({"name":"team )" + n + R"(","members":[{"sipEndpoint":"desk"}]})");
        app.admin("PUT", "/v1/trunks/carrier-" + n, R"({"kind":"ip","addresses":["203.0.113.)" + n + R"(/32"]})");
        app.admin("POST", "/v1/plans/launch/prices", R"({"prices":{"inbound_call_minutes":{"priceInr":1}}})");
    }
    for (std::string const path : {"/v1/number-requests", "/v1/tenants/acme/number-requests", "/v1/numbers", "/v1/tenants/acme/numbers",
                                   "/v1/whatsapp-numbers", "/v1/tenants", "/v1/tenants/globex/keys", "/v1/operator-keys",
                                   "/v1/tenants/acme/teams", "/v1/trunks", "/v1/prices"}) {
        CAPTURE(path);
        auto const first = app.admin("GET", path + "?limit=2");
        auto const cursor = member(first, {"nextCursor"});
        CHECK(json::parse(first.body)->at("data").as_array().size() == 2);
        CHECK(first.at("link").find("cursor=" + cursor) != std::string::npos);
        auto const last = app.admin("GET", path + "?limit=2&cursor=" + cursor);
        auto const rest = json::parse(last.body)->at("data").as_array();
        REQUIRE(rest.size() == 1);
        CHECK(member(last, {"data", "0"}) != member(first, {"data", "1"}));
        CHECK_FALSE(json::parse(last.body)->as_object().contains("nextCursor"));
        CHECK(app.admin("GET", path + "?limit=0").status == 400);
        CHECK(app.admin("GET", path + "?cursor=" + cursor + "x").status == 400);
    }
    auto const cursor = member(app.admin("GET", "/v1/number-requests?limit=1"), {"nextCursor"});
    CHECK(app.admin("GET", "/v1/numbers?limit=1&cursor=" + cursor).status == 400);   // of another list
}
