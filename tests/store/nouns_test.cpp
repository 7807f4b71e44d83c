#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {
using test::start;
}

TEST_CASE("a tenant keeps its features, limits, prefixes and a sealed secret with zeros in it") {
    test::TempStore db;
    auto tenant = test::tenant_row("demo", start);
    tenant.features = {{"ai_agents", true}, {"outbound", false}};
    tenant.limits = {{"concurrent_calls", 30}, {"calls_per_second", 2.5}};
    tenant.control_secret = std::string("\0a\xff\0b", 5);
    tenant.allowed_prefixes = {"+91", "+1"};
    tenant.test = true;
    db.ok(db->create_tenant(tenant));
    db.reopen();
    auto const read = db.ok(db->tenant(tenant.id));
    CHECK(read.features == tenant.features);
    CHECK(read.limits == tenant.limits);
    CHECK(read.control_secret == tenant.control_secret);
    CHECK(read.allowed_prefixes == tenant.allowed_prefixes);
    CHECK(read.test);
    CHECK(read.created_at == start);
    CHECK(db.ok(db->tenant_by_key("demo")).id == tenant.id);

    CHECK(db.token(db->create_tenant(test::tenant_row("demo", start))) == "duplicate_key");
    auto changed = read;
    changed.status = model::TenantStatus::suspended;
    db.ok(db->update_tenant(changed));
    CHECK(db.ok(db->tenant(tenant.id)).status == model::TenantStatus::suspended);
    CHECK(db.token(db->update_tenant(test::tenant_row("new", start))) == "not_found");
    db.ok(db->create_tenant(test::tenant_row("other", start + 1s)));
    CHECK(db.ok(db->tenants()).size() == 2);
}

TEST_CASE("a key is found by its hash with its tenant, revoked once, touched") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    db.ok(db->create_tenant(tenant));
    model::ApiKey key{.id = KeyId::fresh(start), .tenant = tenant.id, .name = "ci", .prefix = "vp_test_0000", .hash = sha256_hex("k")};
    key.scopes = {model::Scope::read, model::Scope::write};
    key.created_at = start;
    db.ok(db->create_key(key));
    db.ok(db->revoke_key(key.id, start + 1s));
    db.ok(db->revoke_key(key.id, start + 9s));
    db.ok(db->touch_key(key.id, start + 2s));
    auto const owner = db.ok(db->key_by_hash(key.hash));
    REQUIRE(owner);
    CHECK(owner->tenant.id == tenant.id);
    CHECK(owner->key.scopes == key.scopes);
    CHECK(owner->key.revoked_at == start + 1s);
    CHECK(owner->key.last_used_at == start + 2s);
    CHECK(!db.ok(db->key_by_hash("nothing")));
    CHECK(db.token(db->revoke_key(KeyId::from("key_x"), start)) == "not_found");

    model::ApiKey oper{.id = KeyId::fresh(start), .hash = sha256_hex("o"), .operator_key = true};
    db.ok(db->create_key(oper));
    CHECK(db.ok(db->key_by_hash(oper.hash))->key.operator_key);
    CHECK(db.ok(db->keys(tenant.id)).size() == 1);
}

TEST_CASE("an INVITE finds the first candidate that is assigned, with tenant and route") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    db.ok(db->create_tenant(tenant));
    auto off = test::number_row(tenant, "+918000000001", start);
    off.status = model::NumberStatus::disabled;
    auto const on = test::number_row(tenant, "+918000000002", start + 1s);
    db.ok(db->create_number(off));
    db.ok(db->create_number(on));
    CHECK(db.token(db->create_number(test::number_row(tenant, "+918000000002", start))) == "duplicate_number");
    auto found = db.ok(db->inbound({"+918000000009", "+918000000001", "+918000000002"}));
    REQUIRE(found);
    CHECK(found->number.id == on.id);
    CHECK(found->tenant.id == tenant.id);
    CHECK(!found->route);
    CHECK(!db.ok(db->inbound({"+918000000001"})));
    CHECK(db.ok(db->numbers(tenant.id)).front().id == off.id);
    CHECK(db.ok(db->numbers({})).size() == 2);
    CHECK(db.token(db->number(TenantId::from("ten_x"), on.id)) == "not_found");
}

TEST_CASE("a route is saved once, replaced with its id kept, and an equal save changes nothing") {
    test::TempStore db;
    auto const tenant = test::tenant_row("demo", start);
    db.ok(db->create_tenant(tenant));
    auto const number = test::number_row(tenant, "+918000000001", start);
    db.ok(db->create_number(number));
    model::Route route{.id = RouteId::fresh(start), .number = number.id, .tenant = tenant.id};
    route.primary = model::target_from({{"type", "sip_uri"}, {"sipUri", "sip:a@example.com"}});
    route.fallback = {model::target_from({{"type", "hangup"}})};
    route.events = json::object{{"subscribedEvents", {"call.completed"}}};
    route.created_at = route.updated_at = start;
    db.ok(db->save_route(route));
    CHECK(db.ok(db->number(tenant.id, number.id)).route_status == model::RouteHealth::configured);
    auto read = db.ok(db->inbound({number.phone_number}))->route;
    REQUIRE(read);
    CHECK(read->primary == route.primary);
    CHECK(read->fallback == route.fallback);
    CHECK(read->events == route.events);
    CHECK(!read->recording);

    db.ok(db->set_route_health(number.id, model::RouteHealth::failing));
    CHECK(db.ok(db->route(tenant.id, number.id))->status == model::RouteStatus::failing);
    CHECK(db.ok(db->number(tenant.id, number.id)).route_status == model::RouteHealth::failing);
    db.ok(db->set_route_health(number.id, model::RouteHealth::healthy));
    CHECK(db.ok(db->route(tenant.id, number.id))->status == model::RouteStatus::active);

    auto second = route;
    second.id = RouteId::fresh(start);
    second.updated_at = start + 1h;
    db.ok(db->save_route(second));
    CHECK(db.ok(db->route(tenant.id, number.id))->updated_at == start);
    CHECK(db.ok(db->number(tenant.id, number.id)).route_status == model::RouteHealth::healthy);
    second.fallback.clear();
    store::IdempotencyKey const key{tenant.id, "k", "f"};
    CHECK(!db.ok(db->begin_request(key, start)));
    auto const saved = db.ok(db->save_route(second, [&](model::Route const& one) -> std::optional<store::FinishedRequest> { return {{key, {200, one.id.str()}}}; }));
    db->release_request(key);
    CHECK(saved.id == route.id);
    CHECK(db.ok(db->route(tenant.id, number.id))->id == route.id);
    CHECK(db.ok(db->route(tenant.id, number.id))->updated_at == start + 1h);
    CHECK(db.ok(db->number(tenant.id, number.id)).route_status == model::RouteHealth::configured);
    CHECK(db.ok(db->begin_request(key, start))->body == route.id.str());
    db.ok(db->switch_route(number.id, false, {}));
    second.metadata = json::object{{"read", "before the operator switched it off"}};
    CHECK(db.ok(db->save_route(second)).status == model::RouteStatus::disabled);
    CHECK(db.ok(db->route(tenant.id, number.id))->status == model::RouteStatus::disabled);
    second.number = NumberId::from("num_x");
    CHECK(db.token(db->save_route(second)) == "not_found");
}

TEST_CASE("a trunk is replaced by name and removed") {
    test::TempStore db;
    model::Trunk trunk{.id = TrunkId::fresh(start), .name = "airtel", .config = {{"kind", "peer"}}, .secret = std::string("\0x", 2)};
    trunk.created_at = start;
    db.ok(db->save_trunk(trunk));
    trunk.test = true;
    db.ok(db->save_trunk(trunk));
    auto const all = db.ok(db->trunks());
    REQUIRE(all.size() == 1);
    CHECK(all[0].test);
    CHECK(all[0].secret == trunk.secret);
    CHECK(all[0].config == trunk.config);
    db.ok(db->remove_trunk("airtel"));
    CHECK(db.token(db->remove_trunk("airtel")) == "not_found");
}
