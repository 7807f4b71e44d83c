// What operators do is in the log before they hear that it is done: who, from where, what, about whom, without secrets.
#include "admin/redacted.hpp"
#include "support/running_app.hpp"

using namespace boni;
using test::member;

namespace {

struct AuditStage {
    test::TempFolder folder;
    test::RunningApp app{test::loopback_config(folder.path)};

    std::string subject(std::string_view query = "") { return member(app.admin("GET", "/v1/audit" + std::string{query}), {"data", "0", "subject"}); }
    std::size_t rows(std::string const& query = "?limit=100") {
        auto const answer = app.admin("GET", "/v1/audit" + query);
        REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return json::parse(answer.body)->at("data").as_array().size();
    }
};

}  // namespace

TEST_CASE("each operation that changes something leaves one row, and a refused one none") {
    AuditStage stage;
    auto& app = stage.app;
    std::size_t expected = 0;
    auto const does = [&](std::string_view method, std::string path, std::string_view body = {}) {
        CAPTURE(path);
        auto answer = app.admin(method, path, body);
        REQUIRE_MESSAGE(answer.status < 300, answer.body);
        CHECK(stage.rows() == ++expected);
        return answer;
    };
    auto const tenant = member(does("POST", "/v1/tenants", R"({"key":"acme","test":true})"), {"id"});
    CHECK(stage.subject() == tenant);
    does("PATCH", "/v1/tenants/acme", R"({"limits":{"concurrent_calls":3}})");
    does("POST", "/v1/tenants/acme/control-secret");
    auto const key = does("POST", "/v1/tenants/acme/keys", R"({"name":"shop"})");
    auto const number = member(does("POST", "/v1/tenants/acme/numbers", R"({"phoneNumber":"+918040000001"})"), {"id"});
    CHECK(stage.subject() == number);
    does("PATCH", "/v1/tenants/acme/numbers/" + number, R"({"label":"desk"})");
    does("POST", "/v1/plans/standard/prices", R"({"prices":{"inbound_call_minutes":{"priceInr":1}}})");
    CHECK(stage.subject() == "standard");
    does("PUT", "/v1/trunks/carrier", R"({"kind":"ip","addresses":["203.0.113.0/28"]})");
    does("DELETE", "/v1/trunks/carrier");
    CHECK(stage.subject() == "carrier");

    auto const shown = member(key, {"apiKey"});
    auto const endpoint = app.public_api("POST", "/v1/webhook-endpoints", shown, R"({"url":"http://127.0.0.1:9000/e","events":["call.completed"]})");
    auto const path = "/v1/tenants/acme/webhook-endpoints/" + member(endpoint, {"id"});
    does("PATCH", path, R"({"enabled":false})");
    does("POST", path + "/rotate-secret");
    does("DELETE", path + "/previous-secret");
    does("DELETE", path);
    CHECK(stage.subject() == member(endpoint, {"id"}));
    auto const asked = app.public_api("POST", "/v1/number-requests", shown, R"({"useCase":"reminders"})");
    REQUIRE_MESSAGE(asked.status < 300, asked.body);
    auto const wish = member(app.admin("GET", "/v1/number-requests"), {"data", "0", "id"});
    does("PATCH", "/v1/number-requests/" + wish, R"({"status":"kyc_required"})");
    CHECK(member(app.admin("GET", "/v1/audit"), {"data", "0", "tenantId"}) == tenant);
    does("DELETE", "/v1/tenants/acme/keys/" + member(key, {"id"}));
    does("POST", "/v1/operator-keys");

    CHECK(app.admin("POST", "/v1/tenants", R"({"key":"acme"})").status == 409);
    CHECK(app.admin("PATCH", "/v1/tenants/acme", R"({"statu":"x"})").status == 400);
    CHECK(app.admin("GET", "/v1/tenants").status == 200);
    CHECK(stage.rows() == expected);
}

TEST_CASE("a row tells who came through which door, and both doors show it") {
    AuditStage stage;
    auto& app = stage.app;
    auto const made = app.admin("POST", "/v1/operator-keys", R"({"name":"me"})");
    auto const key = member(made, {"apiKey"});
    auto const changed = app.operator_api("POST", "/v1/tenants", key, R"({"key":"acme"})");
    REQUIRE(changed.status == 201);
    auto const shown = app.operator_api("GET", "/v1/audit", key);
    REQUIRE(shown.status == 200);
    CHECK(member(shown, {"data", "0", "who"}) == member(made, {"prefix"}));
    CHECK(member(shown, {"data", "0", "keyId"}) == member(made, {"id"}));
    CHECK(member(shown, {"data", "0", "from"}).starts_with("127.0.0.1:"));
    CHECK(member(shown, {"data", "0", "operation"}) == "POST /v1/tenants");
    CHECK(member(shown, {"data", "0", "tenantId"}) == member(changed, {"id"}));
    CHECK(member(shown, {"data", "0", "requestId"}) == changed.at("x-request-id"));
    CHECK(member(shown, {"data", "0", "request", "key"}) == "acme");
    CHECK(member(shown, {"data", "1", "who"}) == "uid " + std::to_string(::geteuid()));
    CHECK(member(shown, {"data", "1", "from"}) == "admin socket, pid " + std::to_string(::getpid()));
    CHECK(shown.body.find(key) == std::string::npos);
    CHECK(app.operator_api("GET", "/v1/audit", {}).status == 401);
}

TEST_CASE("the log is read by tenant, by day and page by page") {
    AuditStage stage;
    auto& app = stage.app;
    for (auto const* const key : {"one", "two", "three"}) app.admin("POST", "/v1/tenants", std::string{R"({"key":")"} + key + "\"}");
    CHECK(stage.rows("?tenant=two") == 1);
    auto const today = ist_date(system_clock().now());
    CHECK(stage.rows("?from=" + today + "&to=" + today) == 3);
    CHECK(stage.rows("?to=2020-01-01") == 0);
    CHECK(app.admin("GET", "/v1/audit?tenant=nobody").status == 404);
    CHECK(app.admin("GET", "/v1/audit?from=yesterday").status == 400);
    CHECK(app.admin("GET", "/v1/audit?from=2026-02-01&to=2026-01-01").status == 422);
    CHECK(app.admin("GET", "/v1/audit?limit=101").status == 400);
    auto const first = app.admin("GET", "/v1/audit?limit=2");
    CHECK(first.at("link").ends_with("&limit=2>; rel=\"next\""));
    auto const cursor = member(first, {"nextCursor"});
    auto const last = app.admin("GET", "/v1/audit?limit=2&cursor=" + cursor);
    CHECK(member(last, {"data", "0", "request", "key"}) == "one");
    CHECK(member(last, {"nextCursor"}).empty());
    CHECK(app.admin("GET", "/v1/audit?tenant=one&cursor=" + cursor).status == 400);   // of another list
    CHECK(app.admin("DELETE", "/v1/audit").status == 405);
}

TEST_CASE("no secret reaches the log") {
    AuditStage stage;
    auto& app = stage.app;
    auto const put = app.admin("PUT", "/v1/trunks/out", R"({"kind":"register","targets":[{"host":"203.0.113.1"}],)"
                                                        R"("auth":{"user":"alice","secret":"hunter2hunter2"}})");
    CHECK_MESSAGE(put.status == 201, put.body);
    auto const shown = app.admin("GET", "/v1/audit");
    CHECK(shown.body.find("hunter2") == std::string::npos);
    CHECK(member(shown, {"data", "0", "request", "auth", "secret"}) == "[redacted]");
    CHECK(member(shown, {"data", "0", "request", "auth", "user"}) == "alice");
}

TEST_CASE("what a body says is kept without secrets and of bounded size") {
    auto const kept = [](std::string_view text) { return json::serialize(admin::redacted(json::parse(text)->as_object())); };
    CHECK(kept(R"({"a":[{"API-Key":"x"}],"b":{"accessToken":1,"c":true}})") == R"({"a":[{"API-Key":"[redacted]"}],"b":{"accessToken":"[redacted]","c":true}})");
    CHECK(kept(R"({"note":"use vp_test_000 please"})") == R"({"note":"[redacted]"})");
    CHECK(kept(R"({"uri":"sip:alice:pw@example.net"})") == R"({"uri":"[redacted]"})");
    CHECK(kept(R"({"uri":"sip:alice@example.net","key":"acme"})") == R"({"uri":"sip:alice@example.net","key":"acme"})");
    auto const large = kept(R"({"x":")" + std::string(10'000, 'x') + R"(","y":1})");
    CHECK(large == R"({"x":"[10002 bytes]","y":1})");
    json::object many;
    for (int i = 0; i < 5000; ++i) many["member" + std::to_string(i)] = i;
    CHECK(json::serialize(admin::redacted(many)).size() <= admin::logged_bytes_max);
}
