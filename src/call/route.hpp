// Where a call goes: the primary target of its route, then the fallbacks in order (control-webhook 5). Thread: control.
#pragma once

#include "call/call.hpp"

namespace boni::call {

/// Runs one target, whoever named it, after asking whether the tenant may use it. Errors inside become a failed outcome.
Task<TargetOutcome> run_target(Call& call, model::Target target, Arrival arrival);

/// Runs the route's list until a target is done with the call, or ends it when the list is used up.
Task<> follow_route(Call& call);

}  // namespace boni::call
