// The target `team`: its team is looked up for whoever names it. The feature comes first, and dialling is not offered yet (api-semantics 1, 7).
#include "api/target_body.hpp"
#include "egress/http_client.hpp"
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

struct TeamTargetStage : ApiStage {
    TeamId add_team(TenantId owner, model::MemberKind kind) {
        model::Team team{.id = TeamId::fresh(clock.now()), .tenant = owner, .name = "Team " + std::string{name(kind)}, .members = {{kind, "x", ""}}};
        ok(store->create_team(team, 10));
        return team.id;
    }
    /// "ok", or the token and field of what the lookup says.
    std::string settled(TeamId const& id, model::Channel channel = model::Channel::pstn) {
        api::Services services{clock, *store, *calls, http, policy, pool, Secret{master_key}};
        api::ApiConfig const config;
        api::Buckets buckets;
        http::Request const request;
        api::Operation const operation{};
        api::Asked asked{.services = services, .config = config, .buckets = buckets, .request = request, .operation = operation,
                         .tenant = tenant, .now = clock.now()};
        model::Target const target{"team", {{"type", "team"}, {"teamId", id.str()}}};
        auto const said = run(api::settle_target(asked, target, "primary.", {.channel = channel}));
        return said ? "ok" : said.error().token + " " + said.error().field;
    }
    Pool pool{1};
    egress::HttpClient http{platform.io.get_executor(), policy, names};
};

}  // namespace

TEST_CASE("a team must be there and the tenant's own") {
    TeamTargetStage stage;
    CHECK(stage.settled(stage.add_team(stage.tenant.id, model::MemberKind::phone_number)) == "ok");
    CHECK(stage.settled(TeamId::fresh(stage.clock.now())) == "unknown_reference primary.teamId");
    CHECK(stage.settled(TeamId::from("team_sales")) == "unknown_reference primary.teamId");
    auto const other = stage.add_tenant("other", [](model::Tenant&) {});
    CHECK(stage.settled(stage.add_team(other.id, model::MemberKind::phone_number)) == "unknown_reference primary.teamId");
}

TEST_CASE("a team with telephones is no target of a WhatsApp call, one of SIP phones is") {
    TeamTargetStage stage;
    auto const whatsapp = model::Channel::whatsapp_calling;
    CHECK(stage.settled(stage.add_team(stage.tenant.id, model::MemberKind::phone_number), whatsapp) == "channel_target_forbidden primary.type");
    CHECK(stage.settled(stage.add_team(stage.tenant.id, model::MemberKind::sip_endpoint), whatsapp) == "ok");
}

TEST_CASE("until dialling is offered a route to a team, known or not, is refused for its feature") {
    TeamTargetStage stage;
    stage.change_tenant([](model::Tenant& tenant) { tenant.features["outbound"] = true; });
    for (auto const& id : {stage.add_team(stage.tenant.id, model::MemberKind::phone_number), TeamId::from("team_none")}) {
        auto const answer = stage.put("/v1/numbers/" + stage.number.id.str() + "/route",
                                      R"({"primary":{"type":"team","teamId":")" + id.str() + "\"}}");
        CHECK(answer.status() == 403);
        CHECK(answer.error() == "feature_not_enabled");
        CHECK(answer.field() == "features.outbound");
    }
}
