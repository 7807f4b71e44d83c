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

TEST_CASE("a team that was removed while somebody was about to name it is named by nobody") {
    TeamsStage stage;
    model::Target const gone{"team", {{"type", "team"}, {"teamId", TeamId::fresh(monday).str()}}}, hangup{"hangup", {{"type", "hangup"}}};
    auto const number = test::number_row(stage.tenant, "+918040000001", monday);
    auto whatsapp = test::number_row(stage.tenant, "+918050000001", monday);
    whatsapp.type = model::NumberType::whatsapp_calling;
    for (auto const& one : {number, whatsapp}) stage.ok(stage.store->create_number(one));

    model::Route const route{.id = RouteId::fresh(monday), .number = number.id, .tenant = stage.tenant.id, .primary = hangup, .fallback = {hangup, gone}};
    auto const refused = stage.run(stage.store->save_route(route));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().token == "unknown_reference");
    CHECK(refused.error().field == "fallback[1].teamId");
    CHECK_FALSE(stage.ok(stage.store->route(stage.tenant.id, number.id)));

    model::VoiceAgent const agent{.id = AgentId::fresh(monday), .tenant = stage.tenant.id, .key = "a", .name = "A", .fallback = gone};
    CHECK(stage.token(stage.store->create_agent(agent, 10)) == "unknown_reference");
    CHECK(stage.ok(stage.store->agents(stage.tenant.id)).empty());

    auto const wish = stage.run(stage.store->change_whatsapp(stage.tenant.id, whatsapp.id, [&](store::WhatsAppChange& change) -> Result<> {
        change.known.calling.default_route = json::object{{"primary", gone.fields}};
        return {};
    }));
    REQUIRE_FALSE(wish);
    CHECK(wish.error().field == "defaultRoute.primary.teamId");
    CHECK_FALSE(stage.ok(stage.store->whatsapp_number(stage.tenant.id, whatsapp.id)).calling.default_route);
}
