#include "api/target_body.hpp"

#include "api/body.hpp"
#include "api/destination.hpp"

namespace boni::api {
namespace {

/// Where a target's type names a destination that is looked up before it is saved.
struct Destination { std::string_view type; std::string_view field; egress::Use use; };
constexpr Destination destinations[] = {{"control_webhook", "url", egress::Use::http},
                                        {"media_stream", "url", egress::Use::wss},
                                        {"sip_uri", "sipUri", egress::Use::sip}};

/// An agent of somebody else does not exist; one that is off is no target; a chain of them ends.
Task<Result<>> check_agent(Asked& asked, model::Target target, std::string field, int agents_max) {
    std::optional<model::Target> next = std::move(target);
    for (int agents = 0; next && next->type == "ai_agent"; ++agents) {
        if (agents == agents_max) co_return refused(field, "agents hand a call on at most 3 times", "invalid_target");
        auto const known = co_await asked.services.store.agent(asked.tenant.id, AgentId::from(std::string{*next->text("agentId")}));
        if (!known && known.error().code != Errc::not_found) co_return std::unexpected(known.error());
        if (agents > 0 && !known) break;
        if (!known) co_return refused(field, "there is no such voice agent", "unknown_reference");
        if (agents == 0 && known->status != model::AgentStatus::active)
            co_return refused(field, "the voice agent is " + std::string{name(known->status)}, "invalid_target");
        next = known->fallback;
    }
    co_return Result<>{};
}

/// A team of somebody else does not exist; telephones are no way on from a WhatsApp call.
Task<Result<>> check_team(Asked& asked, model::Target target, std::string at, model::Channel channel) {
    auto const known = co_await asked.services.store.team(asked.tenant.id, TeamId::from(std::string{*target.text("teamId")}));
    if (!known && known.error().code != Errc::not_found) co_return std::unexpected(known.error());
    if (!known) co_return refused(at + "teamId", "there is no such team", "unknown_reference");
    if (channel == model::Channel::whatsapp_calling && known->has_phones())
        co_return refused(at + "type", "a WhatsApp call may not reach a telephone", "channel_target_forbidden");
    co_return Result<>{};
}

}  // namespace

Task<Result<>> settle_target(Asked& asked, model::Target target, std::string at, Settling how) {
    if (target.type == "ai_agent") CO_CHECK_OK(co_await check_agent(asked, target, at + "agentId", how.agents_max));
    if (target.type == "team") CO_CHECK_OK(co_await check_team(asked, target, at, how.channel));
    for (auto const& [type, field, use] : destinations)
        if (target.type == type) CO_CHECK_OK(co_await vet(asked, std::string{*target.text(field)}, use, at + std::string{field}));
    co_return Result<>{};
}

}  // namespace boni::api
