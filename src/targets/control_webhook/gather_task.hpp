// Carries out a gather on a call: prompt, digits, result (control-webhook 6). Thread: control.
#pragma once

#include "call/call.hpp"
#include "targets/control_webhook/gather.hpp"

namespace boni::targets::control_webhook {

struct GatherResult {
    json::object last;                             ///< `last` of the next question; the only place that holds the digits
    bool heard = false;                            ///< media was open: it does not count as a loop without media
};

/// `request` outlives the task.
Task<GatherResult> run_gather(call::Call& call, GatherRequest const& request, call::Answering answering);

}  // namespace boni::targets::control_webhook
