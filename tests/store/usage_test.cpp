// What a call used is counted once, in pulses, and priced with the card of its plan at its start (api-semantics 11).
#include "store/session.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::monday;

struct UsageStage : test::TenantStore {
    UsageStage() : TenantStore{"demo", monday} {}

    model::Call call_at(Instant at) {
        auto call = test::call_row(tenant, at);
        call.status = model::CallStatus::answered;
        return call;
    }
    void meter(model::Call const& call, std::int64_t seconds) {
        ok(store->commit({.call = call, .metered = {{"inbound_call_minutes", seconds}}}));
    }
    void card(Instant from, std::string_view prices) {
        ok(store->add_price_card({.plan = tenant.plan, .valid_from = from, .prices = json::parse(prices)->as_object(), .created_at = from}));
    }
    /// The rows of the whole November, as customers see them.
    json::array november() {
        json::array rows;
        for (auto const& total : ok(store->usage(tenant.id, *ist_day_start("2026-11-01"), *ist_day_start("2026-12-01"))))
            rows.push_back(model::to_json(total));
        return rows;
    }
};

json::array one(json::value row) { return {std::move(row)}; }

}  // namespace

TEST_CASE("a call is counted in started pulses, and again only for what is more") {
    UsageStage stage;
    auto const call = stage.call_at(monday);
    stage.meter(call, 1);
    stage.meter(call, 59);
    stage.meter(call, 61);
    stage.meter(call, 40);
    CHECK(stage.november() == one({{"eventType", "inbound_call_minutes"}, {"unit", "minute"}, {"amount", 2}, {"billableAmountInr", 0}}));
}

TEST_CASE("what is included is used up first, in order of use; the rest is rounded once") {
    UsageStage stage;
    stage.card(monday - 24h, R"({"inbound_call_minutes":{"priceInr":0.333,"included":3}})");
    for (int call = 0; call < 4; ++call) stage.meter(stage.call_at(monday + std::chrono::seconds{call}), 60);
    stage.meter(stage.call_at(monday + 24h), 60);
    CHECK(stage.november().at(0).at("amount") == 5);
    CHECK(stage.november().at(0).at("billableAmountInr") == 0.67);   // 2 x 0.333
    auto const last = stage.ok(stage.store->usage(stage.tenant.id, monday + 24h, monday + 48h));
    CHECK(model::to_json(last.at(0)).at("billableAmountInr") == 0.33);   // the allowance went to the calls before it
}

TEST_CASE("a terabyte that is kept at the highest price costs what it costs") {
    UsageStage stage;
    stage.card(monday - 24h, R"({"recording_storage":{"priceInr":100000}})");
    stage.ok(stage.store->commit({.call = stage.call_at(monday), .metered = {{"recording_storage", 1'000'000'001}}}));   // kilobytes
    CHECK(stage.november() == one({{"eventType", "recording_storage"}, {"unit", "gb_day"}, {"amount", 1000.000001},
                                   {"billableAmountInr", 100000000.1}}));
}

TEST_CASE("a call is priced with the card valid when it began, versions of one plan count up, other plans do not matter") {
    UsageStage stage;
    stage.card(monday, R"({"inbound_call_minutes":{"priceInr":1}})");
    stage.card(monday + 1h, R"({"inbound_call_minutes":{"priceInr":5,"pulse":1}})");
    stage.ok(stage.store->add_price_card({.plan = "other", .valid_from = monday,
                                          .prices = {{"inbound_call_minutes", json::object{{"priceInr", 90}}}}}));
    stage.meter(stage.call_at(monday + 59min), 61);
    CHECK(stage.november().at(0).at("billableAmountInr") == 2);
    stage.meter(stage.call_at(monday + 1h), 30);
    CHECK(stage.november().at(0).at("amount") == 2.5);
    CHECK(stage.november().at(0).at("billableAmountInr") == 4.5);
    auto const cards = stage.ok(stage.store->price_cards());
    CHECK(cards.at(1).version == 2);
    CHECK(cards.at(2).plan == "other");
    CHECK(cards.at(2).version == 1);
}

TEST_CASE("a commit that fails meters nothing") {
    UsageStage stage;
    auto call = stage.call_at(monday);
    call.status = model::CallStatus::completed;
    stage.meter(call, 30);
    call.status = model::CallStatus::ringing;
    CHECK_FALSE(stage.run(stage.store->commit({.call = call, .metered = {{"inbound_call_minutes", 600}}})));
    CHECK(stage.november().at(0).at("amount") == 1);
}

TEST_CASE("numbers cost a day for each midnight they were assigned at, once") {
    UsageStage stage;
    stage.ok(stage.store->create_number(test::number_row(stage.tenant, "+918040000001", monday - 1h)));
    stage.ok(stage.store->create_number(test::number_row(stage.tenant, "+918040000002", monday + 1h)));
    stage.ok(stage.store->meter_day(monday));
    stage.ok(stage.store->meter_day(monday));
    CHECK(stage.november() == one({{"eventType", "number_days"}, {"unit", "day"}, {"amount", 1}, {"billableAmountInr", 0}}));
    stage.ok(stage.store->meter_day(monday + 24h));
    CHECK(stage.november().at(0).at("amount") == 3);
}

TEST_CASE("a day is counted once, whatever has changed since and whoever asks") {
    UsageStage stage;
    auto back = test::number_row(stage.tenant, "+918040000001", monday - 1h);
    back.status = model::NumberStatus::quarantine;               // at midnight
    stage.ok(stage.store->create_number(back));
    stage.ok(stage.store->meter_day(monday));
    back.status = model::NumberStatus::assigned;
    stage.ok(stage.store->update_number(back));
    auto late = test::recording_row(test::call_row(stage.tenant, monday - 1h), "a.wav", monday - 1h);
    late.bytes = 1'000'000;
    stage.ok(stage.store->commit({.recording = late}));
    stage.reopen();
    stage.ok(stage.store->meter_day(monday));
    CHECK(stage.november().empty());
    stage.ok(stage.store->meter_day(monday + 24h));
    CHECK(stage.november().size() == 2);
}

TEST_CASE("recordings cost storage for each midnight they were kept at, and none once their time is over") {
    UsageStage stage;
    stage.card(monday - 48h, R"({"recording_storage":{"priceInr":4}})");
    auto const keep = [&](std::int64_t bytes, Instant at) {
        auto recording = test::recording_row(test::call_row(stage.tenant, at), "a.wav", at);
        recording.bytes = bytes;
        stage.ok(stage.store->commit({.recording = recording}));
    };
    keep(1'500'000'000, monday - 1h);
    keep(1, monday - 2h);
    keep(999'000'000, monday + 1h);
    stage.ok(stage.store->meter_day(monday));
    stage.ok(stage.store->meter_day(monday));
    CHECK(stage.november() == one({{"eventType", "recording_storage"}, {"unit", "gb_day"}, {"amount", 1.500001}, {"billableAmountInr", 6}}));
    stage.tenant.limits["recording_retention_days"] = 1;
    stage.ok(stage.store->update_tenant(stage.tenant));
    stage.ok(stage.store->prune(monday + 23h + 30min));     // the first two
    stage.ok(stage.store->meter_day(monday + 24h));
    CHECK(stage.november().at(0).at("amount") == 2.499001);
}

TEST_CASE("usage is told once per change, and at 80 and 100 percent of an allowance") {
    UsageStage stage;
    stage.card(monday, R"({"inbound_call_minutes":{"priceInr":1,"included":5}})");
    CHECK(stage.ok(stage.store->tell_usage(monday)).empty());
    auto const call = stage.call_at(monday);
    stage.meter(call, 180);
    auto const first = stage.ok(stage.store->tell_usage(monday + 1min));
    REQUIRE(first.size() == 1);
    auto const data = json::parse(first[0].body)->at("data");
    CHECK(data.at("window") == json::value{{"from", "2026-11-01"}, {"to", "2026-11-23"}});
    CHECK(data.at("totals").at(0).at("amount") == 3);
    CHECK(stage.ok(stage.store->tell_usage(monday + 2min)).empty());
    stage.meter(call, 240);
    auto const second = stage.ok(stage.store->tell_usage(monday + 3min));
    REQUIRE(second.size() == 2);
    CHECK(json::parse(second[1].body)->at("data").at("thresholdPercent") == 80);
    CHECK(json::parse(second[1].body)->at("data").at("eventType") == "inbound_call_minutes");
    stage.meter(call, 600);
    CHECK(json::parse(stage.ok(stage.store->tell_usage(monday + 4min)).at(1).body)->at("data").at("thresholdPercent") == 100);
}

TEST_CASE("what a month's last call used is told in that month's window, though the next has begun") {
    UsageStage stage;
    auto const december = *ist_day_start("2026-12-01");
    stage.meter(stage.call_at(december - 1min), 90);
    stage.meter(stage.call_at(december + 10s), 60);
    auto const told = stage.ok(stage.store->tell_usage(december + 1min));
    REQUIRE(told.size() == 2);
    auto const november = json::parse(told[0].body)->at("data"), begun = json::parse(told[1].body)->at("data");
    CHECK(november.at("window") == json::value{{"from", "2026-11-01"}, {"to", "2026-11-30"}});
    CHECK(november.at("totals").at(0).at("amount") == 2);
    CHECK(begun.at("window") == json::value{{"from", "2026-12-01"}, {"to", "2026-12-01"}});
    CHECK(begun.at("totals").at(0).at("amount") == 1);
}

TEST_CASE("an allowance that is raised within its month is told again at 80 and 100 percent, whatever calls of before go on counting") {
    UsageStage stage;
    auto const percents = [&](Instant now) {
        std::vector<std::int64_t> out;
        for (auto const& event : stage.ok(stage.store->tell_usage(now))) {
            auto const body = json::parse(event.body);
            if (auto const* const percent = body->at("data").as_object().if_contains("thresholdPercent")) out.push_back(percent->as_int64());
        }
        return out;
    };
    using Percents = std::vector<std::int64_t>;
    stage.card(monday, R"({"inbound_call_minutes":{"priceInr":1,"included":5}})");
    auto const old = stage.call_at(monday);
    stage.meter(old, 300);
    CHECK(percents(monday + 5min) == Percents{100});
    stage.card(monday + 1h, R"({"inbound_call_minutes":{"priceInr":1,"included":10}})");
    stage.meter(stage.call_at(monday + 1h), 60);
    stage.meter(old, 360);
    CHECK(percents(monday + 1h) == Percents{});
    stage.meter(stage.call_at(monday + 2h), 60);
    CHECK(percents(monday + 2h) == Percents{80});
    stage.meter(old, 420);
    CHECK(percents(monday + 2h) == Percents{});
    stage.meter(stage.call_at(monday + 3h), 60);
    CHECK(percents(monday + 3h) == Percents{100});
    stage.meter(stage.call_at(monday + 4h), 60);
    CHECK(percents(monday + 4h) == Percents{});
}

TEST_CASE("what was used is asked for by days in India, and soon answered however many calls there were") {
    UsageStage stage;
    stage.card(monday - 48h, R"({"inbound_call_minutes":{"priceInr":0.5}})");
    stage.meter(stage.call_at(monday - 1us), 60);
    auto const today = stage.call_at(monday);
    stage.meter(today, 60);
    stage.meter(today, 180);
    auto const used = [&](Instant from, Instant until) {
        auto const totals = stage.ok(stage.store->usage(stage.tenant.id, from, until));
        return totals.empty() ? std::pair{std::int64_t{0}, std::int64_t{0}} : std::pair{totals[0].quantity, totals[0].charge};
    };
    CHECK(used(monday - 24h, monday) == std::pair{std::int64_t{60}, std::int64_t{500'000}});
    CHECK(used(monday, monday + 24h) == std::pair{std::int64_t{180}, std::int64_t{1'500'000}});
    CHECK(used(monday - 24h, monday + 24h) == std::pair{std::int64_t{240}, std::int64_t{2'000'000}});
    CHECK(used(monday + 24h, monday + 48h) == std::pair{std::int64_t{0}, std::int64_t{0}});
    {
        store::Session session{stage.folder.path / "boni.db", store::Session::Mode::writer};
        session.run("INSERT INTO usage SELECT :tenant, 'inbound_call_minutes', 'call_' || value, :at, 60, 60, 1 FROM "
                    "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 300000) SELECT value FROM n)", stage.tenant.id, monday);
    }
    auto best = Steady::duration::max();
    for (auto i = 0; i < 5; ++i) {
        auto const begun = system_clock().steady();
        (void)used(monday - 24h, monday + 24h);
        best = std::min(best, system_clock().steady() - begun);
    }
    CHECK(best < 50ms);
    stage.ok(stage.store->prune(monday + std::chrono::days{800}));
    CHECK(used(monday - 24h, monday + 24h) == std::pair{std::int64_t{0}, std::int64_t{0}});
}
