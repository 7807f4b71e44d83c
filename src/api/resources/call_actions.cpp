// POST /calls/{call_id}/actions/...: one Call Action each; what it takes and does is told by its file in actions/ (api-semantics 9).
#include "api/body.hpp"
#include "api/resource.hpp"
#include "call/calls.hpp"

namespace boni::api {
namespace {

/// Its form alone: what it means is checked again by the call, after a repetition had its answer.
Result<> check_action(Asked const& asked) {
    auto const checked = call::find_action(asked.operation.action)->check(asked.body, {asked.tenant, asked.services.policy});
    return checked || checked.error().code != Errc::malformed ? Result<>{} : checked;
}

/// An endpoint of somebody else does not exist: 422, after everything that is 404 or 403.
Task<Result<>> check_reference(Asked& asked) {
    auto const* const action = call::find_action(asked.operation.action);
    auto const id = action->endpoint_field.empty() ? std::nullopt : json::text(asked.body, action->endpoint_field);
    if (!id) co_return Result<>{};
    auto const known = co_await asked.services.store.endpoint(asked.tenant.id, EndpointId::from(std::string{*id}));
    if (known) co_return Result<>{};
    if (known.error().code != Errc::not_found) co_return std::unexpected(known.error());
    CO_CHECK_OK(co_await asked.services.store.call(asked.tenant.id, CallId::from(asked.param("call_id"))));
    auto const checked = action->check(asked.body, {asked.tenant, asked.services.policy});
    if (!checked && checked.error().code == Errc::forbidden) co_return checked;
    co_return refused(std::string{action->endpoint_field}, "there is no such webhook endpoint", "unknown_reference");
}

Task<Result<Answer>> perform(Asked& asked) {
    CO_CHECK_OK(co_await check_reference(asked));
    auto call = CallId::from(asked.param("call_id"));
    auto action = std::string{asked.operation.action};
    auto& calls = asked.services.calls;
    CO_TRY(auto const accepted, co_await calls.perform(asked.tenant.id, std::move(call), std::move(action), asked.body, "api", asked.key));
    co_return Answer{.status = 202, .body = model::to_json(accepted), .stored = true};
}

constexpr Operation action(std::string_view path, std::string_view name) {
    return {"POST", path, model::Scope::actions, ExtraBucket::actions, check_action, perform, name};
}

constexpr Operation action_operations[] = {
    action("/calls/{call_id}/actions/hangup", "hangup"),
    action("/calls/{call_id}/actions/transfer", "transfer"),
    action("/calls/{call_id}/actions/play", "play"),
    action("/calls/{call_id}/actions/recording/start", "recording_start"),
    action("/calls/{call_id}/actions/recording/stop", "recording_stop"),
    action("/calls/{call_id}/actions/stream/start", "stream_start"),
    action("/calls/{call_id}/actions/stream/stop", "stream_stop"),
};

}  // namespace

extern Resource const call_actions_resource{action_operations};

}  // namespace boni::api
