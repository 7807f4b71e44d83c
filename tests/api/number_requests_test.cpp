// Asking for a number (api-semantics 4 and 7).
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

TEST_CASE("a request is stored as it was meant, and submitted") {
    ApiStage stage;
    auto const body = R"({"useCase":"Support line","preferredCity":"Pune","fallbackPhoneNumber":"098765 43210","metadata":{"crm":1}})";
    CHECK(stage.post("/v1/number-requests", body).field() == "fallbackPhoneNumber");   // a space is no digit
    auto const good = R"({"useCase":"Support line","preferredCity":"Pune","fallbackPhoneNumber":"09876543210","metadata":{"crm":1}})";
    auto const made = stage.post("/v1/number-requests", good, "k");
    REQUIRE(made.status() == 201);
    CHECK(made.text("status") == "submitted");
    CHECK(made.text("id").starts_with("nreq_"));
    CHECK_FALSE(made.body.contains("numberId"));
    CHECK(stage.post("/v1/number-requests", good, "k").body == made.body);
    auto const stored = stage.ok(stage.store->number_requests({stage.tenant.id}));
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].fallback_phone_number == "+919876543210");
    CHECK(stored[0].preferred_city == "Pune");
    CHECK(stored[0].metadata == json::object{{"crm", 1}});
}

TEST_CASE("what does not match the contract is 400, what cannot be meant 422, a full plan 403") {
    ApiStage stage;
    struct Row { std::string body; int status; std::string field; };
    for (auto const& [body, status, field] : {
             Row{"{}", 400, "useCase"}, Row{R"({"useCase":null})", 400, "useCase"}, Row{R"({"useCase":"a","preferredCity":1})", 400, "preferredCity"},
             Row{R"({"useCase":"a","metadata":[]})", 400, "metadata"}, Row{R"({"useCase":""})", 422, "useCase"},
             Row{R"({"useCase":")" + std::string(4097, 'a') + "\"}", 422, "useCase"},
             Row{R"({"useCase":"a","preferredCity":")" + std::string(257, 'a') + "\"}", 422, "preferredCity"},
             Row{R"({"useCase":"a","fallbackPhoneNumber":"+12"})", 422, "fallbackPhoneNumber"}}) {
        CAPTURE(body.substr(0, 100));
        auto const refused = stage.post("/v1/number-requests", body);
        CHECK(refused.status() == status);
        CHECK(refused.field() == field);
    }
    for (std::string const phone : {"+91987654", "919876543210", "09876543210", "9876543210", "+123456789012345"})
        CHECK(stage.post("/v1/number-requests", R"({"useCase":"a","fallbackPhoneNumber":")" + phone + "\"}").status() == 201);
    stage.change_tenant([](model::Tenant& t) { t.limits["numbers"] = 1; });
    auto const full = stage.post("/v1/number-requests", R"({"useCase":""})");   // the plan is asked first
    CHECK(full.status() == 403);
    CHECK(full.error() == "plan_limit_reached");
}
