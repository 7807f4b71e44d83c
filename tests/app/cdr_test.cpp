// GET /v1/cdr on both doors: formats, days, tenants, and many rows without holding them.
#include "store/session.hpp"
#include "support/running_app.hpp"

using namespace boni;
using test::member;

namespace {

Instant const day = *ist_day_start("2026-11-23");
constexpr int calls = 450;                               // three pages of the database

Task<Result<>> fill(app::App& app) {
    auto const acme = test::tenant_row("acme", day);
    auto const quiet = test::tenant_row("quiet", day);
    auto const shop = test::tenant_row("shop", day);
    for (auto const* const tenant : {&acme, &quiet, &shop}) CO_CHECK_OK(co_await app.store().create_tenant(*tenant));
    for (int n = 0; n < calls; ++n) {
        auto call = test::call_row(acme, day + std::chrono::minutes{n});
        call.from = n == 0 ? "=cmd|'/C calc'!A0" : "+919876543210";
        call.hangup_cause = "busy";
        CO_CHECK_OK(co_await app.store().commit(test::step(call, model::CallStatus::failed, "call.failed", call.started_at + 1s)));
    }
    auto late = test::call_row(shop, day + std::chrono::days{1});
    co_return co_await app.store().commit(test::step(late, model::CallStatus::failed, "call.failed", late.started_at + 1s));
}

struct CdrStage {
    app::Duties duties() {
        app::Duties out;
        out.prepare = fill;
        return out;
    }
    test::TempFolder folder;
    test::RunningApp app{test::loopback_config(folder.path), duties()};

    std::ptrdiff_t lines(std::string const& query) {
        auto const answer = app.admin("GET", "/v1/cdr" + query);
        REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return std::ranges::count(answer.body, '\n');
    }
};

}  // namespace

TEST_CASE("the export has every call of its days, in the order they began, as JSON lines or CSV") {
    CdrStage stage;
    auto const lines = stage.app.admin("GET", "/v1/cdr?from=2026-11-23&to=2026-11-23");
    REQUIRE(lines.status == 200);
    CHECK(lines.at("content-type") == "application/jsonl");
    CHECK(lines.at("transfer-encoding") == "chunked");
    CHECK(std::ranges::count(lines.body, '\n') == calls);
    auto const first = json::parse(lines.body.substr(0, lines.body.find('\n')));
    REQUIRE(first);
    CHECK(first->at("startedAt").as_string() == rfc3339(day));
    CHECK(first->at("q850") == 17);                      // of the table: the call was told nothing
    CHECK(stage.lines("?from=2026-11-23&to=2026-11-24") == calls + 1);
    CHECK(stage.lines("?from=2026-11-24&to=2026-11-24") == 1);
    CHECK(stage.lines("?from=2026-11-23&to=2026-11-24&tenant=shop") == 1);
    CHECK(stage.lines("?from=2026-11-23&to=2026-11-24&tenant=quiet") == 0);

    auto const csv = stage.app.admin("GET", "/v1/cdr?from=2026-11-23&to=2026-11-23&format=csv");
    CHECK(csv.at("content-type") == "text/csv; charset=utf-8; header=present");
    CHECK(csv.at("content-disposition") == "attachment; filename=\"cdr-2026-11-23-2026-11-23.csv\"");
    CHECK(std::ranges::count(csv.body, '\n') == calls + 1);
    CHECK(csv.body.starts_with("call_id,tenant_id,"));
    CHECK(csv.body.contains(",'=cmd|'/C calc'!A0,"));
    CHECK(stage.lines("?from=2026-11-24&to=2026-11-24&tenant=quiet&format=csv") == 1);   // the head alone
}

TEST_CASE("Accept chooses the format, an operator key opens the listener, mistakes are told") {
    CdrStage stage;
    auto const key = member(stage.app.admin("POST", "/v1/operator-keys"), {"apiKey"});
    CHECK(stage.app.operator_api("GET", "/v1/cdr?from=2026-11-23&to=2026-11-24&tenant=shop", key).status == 200);
    CHECK(stage.app.operator_api("GET", "/v1/cdr", {}).status == 401);
    auto const csv = test::RawHttp{*stage.app.at.operators}.ask("GET /v1/cdr?to=2026-11-24 HTTP/1.1\r\nHost: b\r\nAccept: text/csv\r\nX-API-Key: " + key + "\r\n\r\n");
    CHECK(csv.at("content-type").starts_with("text/csv"));
    CHECK(std::ranges::count(csv.body, '\n') == calls + 2);                             // from the first of the month
    CHECK(stage.app.admin("GET", "/v1/cdr?format=xml").status == 400);
    CHECK(stage.app.admin("GET", "/v1/cdr?from=23-11-2026").status == 400);
    CHECK(stage.app.admin("GET", "/v1/cdr?from=2026-11-24&to=2026-11-23").status == 422);
    CHECK(stage.app.admin("GET", "/v1/cdr?from=2024-01-01&to=2026-01-01").status == 422);
    CHECK(stage.app.admin("GET", "/v1/cdr?tenant=nobody").status == 404);
    CHECK(stage.app.admin("HEAD", "/v1/cdr?to=2026-11-24").status == 200);
}

TEST_CASE("the chain of records is walked to its end, and a record that is missing is named") {
    test::TempFolder folder;
    auto const file = folder.path / "boni.db";
    app::Duties duties;
    duties.prepare = fill;
    {
        test::RunningApp app{test::loopback_config(folder.path), std::move(duties)};
        auto const intact = app.admin("GET", "/v1/cdr/check");
        CHECK(intact.status == 200);
        CHECK(member(intact, {"records"}) == std::to_string(calls + 1));
        CHECK(member(intact, {"last"}) == std::to_string(calls + 1));
        auto const line = app.admin("GET", "/v1/cdr?from=2026-11-24&to=2026-11-24");
        CHECK(member(line, {"legs", "0", "hash"}) == member(intact, {"hash"}));
    }
    auto const without = [&](std::string const& sequence) {
        store::Session{file, store::Session::Mode::writer}.run("DELETE FROM cdr_legs WHERE sequence = " + sequence);
        test::RunningApp app{test::loopback_config(folder.path)};
        return app.admin("GET", "/v1/cdr/check");
    };
    auto const end = without(std::to_string(calls + 1));
    CHECK(end.status == 409);
    CHECK(member(end, {"error"}) == "chain_broken");
    CHECK(member(end, {"message"}).contains("record " + std::to_string(calls + 1) + " is missing"));
    CHECK(member(without("200"), {"message"}).contains("record 200 is missing"));
    CHECK(member(without("1"), {"message"}).contains("record 1 is missing"));
}
