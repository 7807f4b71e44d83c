// POST /calls/{call_id}/actions/...: one Call Action each; what it takes and does is told by its file in actions/ (api-semantics 9).
#include "api/resource.hpp"
#include "call/calls.hpp"

namespace boni::api {
namespace {

/// Its form alone: what it means is checked again by the call, after a repetition had its answer.
Result<> check(Asked const& asked) {
    auto const checked = call::find_action(asked.operation.action)->check(asked.body, {asked.tenant, asked.services.policy});
    return checked || checked.error().code != Errc::malformed ? Result<>{} : checked;
}

Task<Result<Answer>> perform(Asked& asked) {
    auto call = CallId::from(asked.param("call_id"));
    auto action = std::string{asked.operation.action};
    auto& calls = asked.services.calls;
    CO_TRY(auto const accepted, co_await calls.perform(asked.tenant.id, std::move(call), std::move(action), asked.body, "api", asked.key));
    co_return Answer{.status = 202, .body = model::to_json(accepted), .stored = true};
}

constexpr Operation action(std::string_view path, std::string_view name) {
    return {"POST", path, model::Scope::actions, ExtraBucket::actions, check, perform, name};
}

constexpr Operation operations[] = {
    action("/calls/{call_id}/actions/hangup", "hangup"),
    action("/calls/{call_id}/actions/transfer", "transfer"),
    action("/calls/{call_id}/actions/play", "play"),
    action("/calls/{call_id}/actions/recording/start", "recording_start"),
    action("/calls/{call_id}/actions/recording/stop", "recording_stop"),
    action("/calls/{call_id}/actions/stream/start", "stream_start"),
    action("/calls/{call_id}/actions/stream/stop", "stream_stop"),
};

}  // namespace

extern Resource const call_actions_resource{operations};

}  // namespace boni::api
