// The record of a call that has ended: what is in it, how it is written, how long it stays (sip.md 8).
#include "store/session.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::monday;

struct CdrStage : test::TenantStore {
    CdrStage() : TenantStore{"acme", monday} {}

    /// Rang after a second, was answered after three, ended after a minute and half a second more.
    model::Call ended_call(Instant at) {
        auto call = test::call_row(tenant, at);
        ok(store->commit(test::step(call, model::CallStatus::ringing, "call.ringing", at + 1s)));
        call.answered_at = at + 3s;
        ok(store->commit(test::step(call, model::CallStatus::answered, "call.answered", at + 3s)));
        call.hangup_cause = "normal";
        call.hangup_by = "caller";
        auto last = test::step(call, model::CallStatus::completed, "call.completed", at + 63'500ms);
        last.rows.back().detail["q850"] = 31;
        last.metered = {{"inbound_call_minutes", 61}};
        ok(store->commit(std::move(last)));
        return call;
    }
    std::vector<model::Cdr> all(std::size_t limit = 200) {
        return ok(store->cdr({.tenant = tenant.id, .after = {monday, ""}, .until = monday + std::chrono::days{366}, .limit = limit}));
    }
};

}  // namespace

TEST_CASE("a record holds when it rang, Q.850 and what the call used; a live call has none") {
    CdrStage stage;
    stage.ok(stage.store->add_price_card({.plan = "launch", .valid_from = monday,
                                          .prices = json::parse(R"({"inbound_call_minutes":{"priceInr":0.65}})")->as_object()}));
    auto number = test::number_row(stage.tenant, "+918000000000", monday);
    stage.ok(stage.store->create_number(number));
    auto const call = stage.ended_call(monday + 1h);
    auto live = test::call_row(stage.tenant, monday + 2h);
    stage.ok(stage.store->commit({.call = live}));
    auto const records = stage.all();
    REQUIRE(records.size() == 1);
    CHECK(records[0].call.id == call.id);
    CHECK(records[0].ringing_at == monday + 1h + 1s);
    CHECK(records[0].q850 == 31);
    CHECK(records[0].route_status.empty());              // the number is gone
    auto const shown = model::to_json(records[0]);
    CHECK(shown.at("durationSeconds") == 60.5);
    CHECK(shown.at("ringingAt").as_string() == rfc3339(monday + 1h + 1s));
    CHECK(shown.at("usage") == json::value{{{"eventType", "inbound_call_minutes"}, {"unit", "minute"}, {"amount", 2}, {"billableAmountInr", 1.3}}});
    auto const row = model::cdr_csv_row(records[0]);
    CHECK(row.contains(",normal,caller,31,"));
    CHECK(row.contains(",60.500,61,"));
    CHECK(row.contains(",2.000000,1.300000,"));
    CHECK(row.ends_with(",1.300000\r\n"));
    CHECK(row.contains("2026-11-23T01:00:00.000+05:30"));
    auto const fields = [](std::string const& line) { return std::ranges::count(line, ','); };
    CHECK(fields(row) == fields(model::cdr_csv_head()));
}

TEST_CASE("records come in the order in which calls began, page by page, of one tenant and one span of time") {
    CdrStage stage;
    for (int hour : {3, 1, 2}) stage.ended_call(monday + std::chrono::hours{hour});
    auto const other = test::tenant_row("other", monday);
    auto foreign = test::call_row(other, monday + 1h);
    foreign.status = model::CallStatus::failed;
    stage.ok(stage.store->commit({.call = foreign}));
    auto const first = stage.all(2);
    REQUIRE(first.size() == 2);
    CHECK(first[0].call.started_at == monday + 1h);
    auto const last = first[1].call;
    auto const rest = stage.ok(stage.store->cdr({.tenant = stage.tenant.id, .after = {last.started_at, last.id.str()}, .until = monday + 24h}));
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].call.started_at == monday + 3h);
    CHECK(stage.ok(stage.store->cdr({.tenant = stage.tenant.id, .after = {monday, ""}, .until = monday + 3h})).size() == 2);
}

TEST_CASE("a field is quoted where it must be, and is never a formula") {
    CHECK(model::csv_field("plain") == "plain");
    CHECK(model::csv_field("a,b") == "\"a,b\"");
    CHECK(model::csv_field("say \"hi\"") == "\"say \"\"hi\"\"\"");
    CHECK(model::csv_field("two\r\nlines") == "\"two\r\nlines\"");
    CHECK(model::csv_field("+918040000001") == "+918040000001");
    CHECK(model::csv_field("+1+cmd|' /C calc'!A0") == "'+1+cmd|' /C calc'!A0");
    CHECK(model::csv_field("=HYPERLINK(\"http://x\")") == "\"'=HYPERLINK(\"\"http://x\"\")\"");
    for (std::string const text : {"=1", "-1", "@a", "\tx", "+", "+a"}) CHECK(model::csv_field(text) == "'" + text);
    CHECK(model::csv_field("\r=1") == "\"'\r=1\"");
    CHECK(model::csv_field("").empty());
}

TEST_CASE("a record outlives its timeline and goes after two years with all that is the call's") {
    CdrStage stage;
    auto const call = stage.ended_call(monday);
    stage.ok(stage.store->save_ladder(call.id, "[]"));
    stage.ok(stage.store->prune(monday + std::chrono::days{29}));
    CHECK(stage.run(stage.store->ladder(call.id)));
    stage.ok(stage.store->prune(monday + std::chrono::days{31}));
    CHECK_FALSE(stage.run(stage.store->ladder(call.id)));
    CHECK_FALSE(stage.ok(stage.store->timeline(call.id)).empty());
    stage.ok(stage.store->prune(monday + std::chrono::days{401}));
    CHECK(stage.ok(stage.store->timeline(call.id)).empty());
    REQUIRE(stage.all().size() == 1);
    CHECK(stage.all()[0].q850 == 31);
    CHECK(stage.all()[0].ringing_at == monday + 1s);
    stage.ok(stage.store->prune(monday + std::chrono::days{729}));
    CHECK(stage.all()[0].usage.size() == 1);
    stage.ok(stage.store->prune(monday + std::chrono::days{731}, std::chrono::days{1000}));
    CHECK(stage.all().size() == 1);
    stage.ok(stage.store->prune(monday + std::chrono::days{731}));
    CHECK(stage.all().empty());
    CHECK_FALSE(stage.run(stage.store->call(stage.tenant.id, call.id)));
    CHECK(stage.ok(stage.store->usage(stage.tenant.id, monday - 24h, monday + 24h)).empty());
}

TEST_CASE("while old calls are looked through for what is to go, others write") {
    CdrStage stage;
    auto const call = stage.ended_call(monday);
    stage.ok(stage.store->save_ladder(call.id, "[]"));
    {
        store::Session session{stage.folder.path / "boni.db", store::Session::Mode::writer};
        session.run("INSERT INTO calls (id, tenant_id, number_id, route_id, direction, channel, caller, callee, status, started_at, hangup_cause, "
                    "hangup_by, sip_call_id, event_sequence, metadata_json, test) SELECT 'call_' || value, :tenant, '', '', 'inbound', 'pstn', '', '', "
                    "'completed', :at + value - 30000, 'normal', 'caller', '', 0, '{}', 0 FROM (WITH RECURSIVE n(value) AS "
                    "(SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 60000) SELECT value FROM n)", stage.tenant.id, monday);
    }
    auto const over = std::make_shared<bool>(false);
    spawn(stage.io.get_executor(), "test", [](CdrStage& of, std::shared_ptr<bool> done) -> Task<> {
        CHECK(co_await of.store->prune(monday + std::chrono::days{31}));
        *done = true;
    }(stage, over));
    auto written = 0;
    for (; !*over; ++written) stage.ok(stage.store->check());
    CHECK(written > 100);
    CHECK_FALSE(stage.run(stage.store->ladder(call.id)));
}
