#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

using namespace boni;

namespace {

using test::monday;

struct TeamsStage : test::TenantStore {
    TeamsStage() : TenantStore{"acme", monday} {}

    model::Team team(std::string name) {
        return {.id = TeamId::fresh(monday), .tenant = tenant.id, .name = std::move(name), .strategy = model::TeamStrategy::sequential,
                .members = {{model::MemberKind::phone_number, "+919876543210", "Asha"}, {model::MemberKind::sip_uri, "sip:a@pbx.example.com", ""}},
                .created_at = monday, .updated_at = monday};
    }
};

}  // namespace

TEST_CASE("a team survives a restart as it was written") {
    TeamsStage stage;
    auto const team = stage.team("Sales");
    stage.ok(stage.store->create_team(team, 10));
    stage.reopen();
    auto const read = stage.ok(stage.store->team(stage.tenant.id, team.id));
    CHECK(model::to_json(read) == model::to_json(team));
    CHECK(read.has_phones());
    CHECK_FALSE(stage.run(stage.store->team(TenantId::fresh(monday), team.id)));
}

TEST_CASE("a tenant has so many teams, each with a name of its own") {
    TeamsStage stage;
    stage.ok(stage.store->create_team(stage.team("Sales"), 2));
    CHECK(stage.token(stage.store->create_team(stage.team("Sales"), 2)) == "duplicate_key");
    auto support = stage.team("Support");
    stage.ok(stage.store->create_team(support, 2));
    CHECK(stage.token(stage.store->create_team(stage.team("Third"), 2)) == "limit_exceeded");
    support.name = "Sales";
    CHECK(stage.token(stage.store->update_team(support)) == "duplicate_key");
}

TEST_CASE("a team that calls are sent to stays") {
    TeamsStage stage;
    auto const team = stage.team("Sales");
    stage.ok(stage.store->create_team(team, 10));
    auto const number = test::number_row(stage.tenant, "+918040000001", monday);
    stage.ok(stage.store->create_number(number));
    model::Route route{.id = RouteId::fresh(monday), .number = number.id, .tenant = stage.tenant.id, .primary = {"hangup", {{"type", "hangup"}}}};
    route.fallback.push_back({"team", {{"type", "team"}, {"teamId", team.id.str()}}});
    stage.ok(stage.store->save_route(route));
    CHECK(stage.token(stage.store->delete_team(stage.tenant.id, team.id)) == "team_in_use");
    route.fallback.clear();
    stage.ok(stage.store->save_route(route));
    stage.ok(stage.store->delete_team(stage.tenant.id, team.id));
    CHECK(stage.token(stage.store->delete_team(stage.tenant.id, team.id)) == "not_found");
}
