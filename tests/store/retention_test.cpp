// What is kept for a time goes when the time has passed, which a machine's clock may say and not know.
#include "store/session.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::monday;
using std::chrono::days;

struct RetentionStage : test::TenantStore {
    RetentionStage() : TenantStore{"acme", monday} {
        auto call = test::call_row(tenant, monday);
        ok(store->commit(test::step(call, model::CallStatus::completed, "call.completed", monday)));
        id = call.id;
    }
    Instant hour_at(Instant now, Steady::duration ran = 1h) {
        auto const time = ok(store->retention_time(now, ran));
        ok(store->prune(time));
        return time;
    }
    bool kept() { return run(store->call(tenant.id, id)).has_value(); }

    CallId id;
};

}  // namespace

TEST_CASE("a clock that goes as time does is believed") {
    RetentionStage stage;
    for (auto now = monday; now < monday + days{3}; now += 1h) CHECK(stage.hour_at(now) == now);
    CHECK(stage.hour_at(monday + days{3} + 5h) == monday + days{3} + 5h);   // hours without a process
}

TEST_CASE("a clock that leaps years ahead removes a day's worth an hour, and nothing more once it is right again") {
    RetentionStage stage;
    stage.hour_at(monday);
    auto const leapt = monday + days{3650};
    for (int hour = 1; hour <= 24; ++hour) CHECK(stage.hour_at(leapt + hour * 1h) == monday + days{hour});
    CHECK(stage.kept());
    stage.reopen();
    CHECK(stage.hour_at(leapt + 25h, 1min) == monday + days{24} + 24min);   // a process that begins every minute gains nothing
    CHECK(stage.hour_at(monday + 26h) == monday + 26h);
    CHECK(stage.kept());
    for (int hour = 0; hour < 24 * 40 && stage.kept(); ++hour) stage.hour_at(leapt);
    CHECK_FALSE(stage.kept());                                              // nobody has put it right in weeks: then it is so late
}

TEST_CASE("a platform that was off for months has removed in days what was due meanwhile") {
    RetentionStage stage;
    stage.hour_at(monday);
    stage.reopen();
    auto now = monday + days{90};
    auto hours = 0;
    while (stage.hour_at(now) < now && ++hours < 1000) now += 1h;
    CHECK(hours > 48);
    CHECK(hours < 24 * 5);
}

TEST_CASE("a first start long ago or far ahead is forgotten") {
    RetentionStage stage;
    SUBCASE("long ago: a machine that has not asked for the time yet") {
        stage.hour_at(Instant{});
        CHECK(stage.hour_at(monday + 1h) == monday);                        // that of the first call
        CHECK(stage.hour_at(monday + 2h) == monday + 2h);
    }
    SUBCASE("far ahead") {
        stage.hour_at(monday + days{20});
        for (int hour = 0; hour < 24; ++hour) CHECK(stage.hour_at(monday + hour * 1h) == monday + hour * 1h);
        CHECK(stage.hour_at(monday + days{3650}) < monday + days{3});
        CHECK(stage.kept());
    }
}

TEST_CASE("a file of before begins with the last thing that happened in it") {
    RetentionStage stage;
    stage.store.reset();
    {
        store::Session session{stage.folder.path / "boni.db", store::Session::Mode::writer};
        for (std::string const table : {"retention", "usage_days", "counted_days"}) session.run("DROP TABLE " + table);
        for (std::string const index : {"calls_of_number", "calls_of_whatsapp", "deliveries_pending", "deliveries_failed", "recordings_kept", "recordings_removed"})
            session.run("DROP INDEX " + index);
        session.run("DELETE FROM schema_version WHERE version >= 15");
    }
    stage.reopen();
    CHECK(stage.hour_at(monday + days{3650}) == monday + days{1});
    CHECK(stage.kept());
}
