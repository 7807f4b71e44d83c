// The operator's log: a row commits with what it tells of, is listed newest first and stays two years.
#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::monday;

model::AuditEntry entry_at(Instant at, TenantId tenant = {}) {
    return {.id = AuditId::fresh(at), .at = at, .who = "vp_oper_Ab12", .key = KeyId::fresh(at), .source = "192.0.2.1:50000",
            .operation = "POST /v1/tenants", .tenant = tenant, .subject = "ten_1", .request_id = "req_1", .request = {{"key", "acme"}}};
}

}  // namespace

TEST_CASE("an effect and its row are both there, or neither") {
    test::TempStore db;
    auto const tenant = test::tenant_row("acme", monday);
    auto const entry = entry_at(monday, tenant.id);
    db.ok(db->create_tenant(tenant, entry));
    auto const rows = db.ok(db->audit({}));
    REQUIRE(rows.size() == 1);
    CHECK(model::to_json(rows[0]) == model::to_json(entry));
    CHECK(db.token(db->create_tenant(test::tenant_row("acme", monday), entry_at(monday))) == "duplicate_key");
    CHECK(db.ok(db->audit({})).size() == 1);
    CHECK(db.token(db->create_tenant(test::tenant_row("other", monday), entry)) == "constraint");   // the row cannot be written
    CHECK_FALSE(db.run(db->tenant_by_key("other")));
}

TEST_CASE("rows are found by tenant and time, newest first, page by page") {
    test::TempStore db;
    auto const tenant = TenantId::fresh(monday);
    for (int hour = 0; hour < 5; ++hour) db.ok(db->add_audit(entry_at(monday + std::chrono::hours{hour}, hour % 2 ? tenant : TenantId{})));
    auto const newest = db.ok(db->audit({.limit = 2}));
    REQUIRE(newest.size() == 2);
    CHECK(newest[0].at == monday + 4h);
    auto const next = db.ok(db->audit({.after = std::pair{newest[1].at, newest[1].id.str()}}));
    REQUIRE(next.size() == 3);
    CHECK(next[0].at == monday + 2h);
    CHECK(db.ok(db->audit({.tenant = tenant})).size() == 2);
    CHECK(db.ok(db->audit({.from = monday + 1h, .until = monday + 3h})).size() == 2);
    CHECK(db.ok(db->audit({.tenant = tenant, .from = monday + 2h})).size() == 1);
}

TEST_CASE("a row is kept for two years and goes then") {
    test::TempStore db;
    db.ok(db->add_audit(entry_at(monday)));
    db.ok(db->prune(monday + std::chrono::days{730} - 1h));
    CHECK(db.ok(db->audit({})).size() == 1);
    db.ok(db->prune(monday + std::chrono::days{730} + 1h));
    CHECK(db.ok(db->audit({})).empty());
}
