#include "targets/control_webhook/references.hpp"

namespace boni::targets::control_webhook {
namespace {

std::unexpected<Error> unknown(std::string_view what, std::string field) {
    return fail(Errc::invalid, "there is no such " + std::string{what}, std::move(field), "unknown_reference");
}

Task<Result<>> check_agent(call::Call& call, model::Target target, std::string field) {
    if (target.type != "ai_agent") co_return Result<>{};
    auto const known = co_await call.services().store.agent(call.tenant().id, AgentId::from(std::string{*target.text("agentId")}));
    if (!known && known.error().code == Errc::not_found) co_return unknown("voice agent", std::move(field));
    co_return Result<>{};
}

Task<Result<>> check_endpoint(call::Call& call, Step step, std::string at) {
    auto const* const action = call::find_action(step.name);   // null: a step that is none, such as gather
    auto const id = action && !action->endpoint_field.empty() ? json::text(step.request, action->endpoint_field) : std::nullopt;
    if (!id) co_return Result<>{};
    auto const known = co_await call.services().store.endpoint(call.tenant().id, EndpointId::from(std::string{*id}));
    if (!known && known.error().code == Errc::not_found) co_return unknown("webhook endpoint", at + std::string{action->endpoint_field});
    co_return Result<>{};
}

}  // namespace

Task<Result<>> check_references(call::Call& call, Decision const& decision) {
    for (auto at = 0uz; at < decision.actions.size(); ++at)
        CO_CHECK_OK(co_await check_endpoint(call, decision.actions[at], "actions[" + std::to_string(at) + "]."));
    if (decision.target) CO_CHECK_OK(co_await check_agent(call, *decision.target, "target.agentId"));
    if (!decision.fallback) co_return Result<>{};
    for (auto at = 0uz; at < decision.fallback->size(); ++at)
        CO_CHECK_OK(co_await check_agent(call, (*decision.fallback)[at], "fallback[" + std::to_string(at) + "].agentId"));
    co_return Result<>{};
}

}  // namespace boni::targets::control_webhook
