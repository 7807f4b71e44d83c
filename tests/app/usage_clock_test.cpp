#include "app/usage_clock.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

TEST_CASE("every tick tells what changed, and each day counts its numbers once") {
    test::TempStore db;
    test::FakeClock clock;
    auto const tenant = test::tenant_row("demo", clock.now() - 48h);
    db.ok(db->create_tenant(tenant));
    db.ok(db->create_number(test::number_row(tenant, "+918040000001", clock.now() - 48h)));
    std::vector<std::string> told;
    app::UsageClock usage{db.io.get_executor(), clock, *db.store, [&](model::Event const& event) { told.push_back(event.type); }};
    auto const tick = [&] {
        db.ok([](app::UsageClock& clock) -> Task<Result<int>> {
            co_await clock.tick();
            co_return 0;
        }(usage));
    };
    tick();
    CHECK(told == std::vector<std::string>{"usage.updated"});
    tick();
    CHECK(told.size() == 1);
    clock.advance(24h);
    tick();
    CHECK(told.size() == 2);
    auto const totals = db.ok(db->usage(tenant.id, clock.now() - 72h, clock.now() + 24h));
    REQUIRE(totals.size() == 1);
    CHECK(totals[0].quantity == 2);
}
