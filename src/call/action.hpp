// The contract of a file in src/actions/: one Call Action, whatever asked for it (API, control webhook, agent, console).
#pragma once

#include <span>
#include <string_view>

#include "base/json.hpp"
#include "base/task.hpp"
#include "model/call.hpp"
#include "model/tenant.hpp"

namespace boni::egress { struct Policy; }

namespace boni::call {

class Call;

/// What checks may look at: no call yet, only whose request it is.
struct CheckContext {
    model::Tenant const& tenant;
    egress::Policy const& policy;
};

struct Action {
    std::string_view name;                          ///< as in CallActionResult.action: "play", "hangup"
    /// 400 (Errc::malformed, token validation_failed) and 422 (Errc::invalid) of the request body; no state is looked at.
    Result<> (*check)(json::object const& request, CheckContext const& context);
    /// State that refuses it: Errc::conflict with its token (api-semantics 9). On the call's strand, before the commit.
    Result<> (*admit)(Call& call, json::object const& request);
    /// The effect, after the commit, on the call's strand. Reports `running` by call.action_running(); the returned message
    /// of an error becomes that of `failed`. Long actions end early when the call does.
    Task<Result<>> (*run)(Call& call, model::Action action);
};

/// Generated from src/actions/, sorted by name.
std::span<Action const* const> all_actions();
Action const* find_action(std::string_view name);

}  // namespace boni::call
