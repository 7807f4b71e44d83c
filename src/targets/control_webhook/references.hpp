// What a decision names by id must exist, as for what is saved over the API (control-webhook 3: the REST rules).
// Thread: control.
#pragma once

#include "call/call.hpp"
#include "targets/control_webhook/decision.hpp"

namespace boni::targets::control_webhook {

/// Agents of its targets, endpoints of its streams. Errc::invalid `unknown_reference` with its field. What cannot be looked up is let pass:
/// who carries it out finds out.
Task<Result<>> check_references(call::Call& call, Decision const& decision);

}  // namespace boni::targets::control_webhook
