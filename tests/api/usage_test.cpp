// What was used in a span of days (api-semantics 8 and 11). How it is counted and priced is tested in store/usage_test.cpp.
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

TEST_CASE("usage is summed over days in India, from the first of the month to today unless said otherwise") {
    ApiStage stage;
    auto const today = ist_date(stage.clock.now());
    auto const month = today.substr(0, 8) + "01";
    auto const empty = stage.get("/v1/usage");
    REQUIRE(empty.status() == 200);
    CHECK(empty.body == json::object{{"window", json::object{{"from", month}, {"to", today}}}, {"totals", json::array{}}});
    stage.ok(stage.store->add_price_card({.plan = stage.tenant.plan, .prices = json::parse(R"({"inbound_call_minutes":{"priceInr":0.65}})")->as_object()}));
    auto const meter = [&](Instant at) {
        auto call = test::call_row(stage.tenant, at);
        stage.ok(stage.store->commit({.call = call, .metered = {{"inbound_call_minutes", 61}}}));
    };
    meter(*ist_day_start(today));
    meter(*ist_day_start(month) - 1s);
    auto const row = json::value{{"eventType", "inbound_call_minutes"}, {"unit", "minute"}, {"amount", 2}, {"billableAmountInr", 1.3}};
    CHECK(stage.get("/v1/usage").body.at("totals") == json::value(json::array{row}));
    auto const both = stage.get("/v1/usage?from=" + ist_date(*ist_day_start(month) - 1s));
    CHECK(both.body.at("totals").at(0).at("amount") == 4);
    CHECK(stage.get("/v1/usage?from=2026-01-01&to=2026-01-31").body.at("totals").as_array().empty());
    CHECK(stage.get("/v1/usage?to=2026-02-10").body.at("window") == json::value{{"from", "2026-02-01"}, {"to", "2026-02-10"}});
    stage.key = stage.add_key(stage.add_tenant("other", [](model::Tenant&) {}).id, {});
    CHECK(stage.get("/v1/usage").body.at("totals").as_array().empty());
}

TEST_CASE("days that are none are 400, days that cannot be meant 422") {
    ApiStage stage;
    CHECK(stage.get("/v1/usage?from=yesterday").field() == "from");
    CHECK(stage.get("/v1/usage?to=2026-02-30").status() == 400);
    CHECK(stage.get("/v1/usage?from=2026-02-02&to=2026-02-01").error() == "invalid_value");
    CHECK(stage.get("/v1/usage?from=2025-01-01&to=2026-02-01").error() == "limit_exceeded");
}
