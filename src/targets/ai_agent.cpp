// `ai_agent`: a hosted agent answers. Until agents can talk, a call that comes to one goes on to the agent's own `fallback`, and from
// there to the route's, each step told in its timeline (voice-agents 6 and 9).
#include "call/route.hpp"

namespace boni::call {
namespace {

struct Chain { int agents = 0; };

Result<model::Target> check_ai_agent(json::object const& fields, std::string_view at, CheckContext const&) {
    auto const field = std::string{at} + "agentId";
    auto const id = json::text(fields, "agentId");
    if (!id) return fail(Errc::invalid, "ai_agent needs an agentId", field, "invalid_target");
    if (id->size() > id_bytes_max) return fail(Errc::invalid, "agentId has at most 256 bytes", field, "limit_exceeded");
    return model::Target{"ai_agent", {{"type", "ai_agent"}, {"agentId", *id}}};
}

std::string_view reason_of(Result<model::VoiceAgent> const& agent) {
    if (!agent) return agent.error().code == Errc::not_found ? "agent_unknown" : "agent_unavailable";
    return agent->status == model::AgentStatus::active ? "agent_not_offered" : "agent_not_active";
}

Task<TargetOutcome> run_ai_agent(Call& call, model::Target target, Arrival arrival) {
    auto const id = AgentId::from(std::string{*target.text("agentId")});
    auto const agent = co_await call.services().store.agent(call.tenant().id, id);
    auto const reason = reason_of(agent);
    call.note("agent.skipped", {{"agentId", id.str()}, {"reason", reason}});
    if (arrival.primary) call.calls().primary_attempt(call.number(), Calls::Health::failed);
    auto& chain = call.kept().of<Chain>();
    if (agent && agent->fallback && chain.agents < model::agents_in_a_row_max) {
        call.note("agent.fallback", {{"agentId", id.str()}, {"targetType", agent->fallback->type}, {"reason", reason}});
        arrival.primary = false;
        ++chain.agents;
        auto outcome = co_await run_target(call, *agent->fallback, std::move(arrival));
        --chain.agents;
        if (outcome.kind == TargetOutcome::Kind::ended || outcome.kind == TargetOutcome::Kind::released) co_return outcome;
    }
    co_return TargetOutcome{.kind = TargetOutcome::Kind::failed, .reason = std::string{reason}, .cause = "route_failed"};
}

}  // namespace

/// It talks; so do the fallbacks that agents have.
extern Target const ai_agent_target{"ai_agent", "ai_agents", check_ai_agent, run_ai_agent, nullptr, true};

}  // namespace boni::call
