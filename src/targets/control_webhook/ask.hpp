// Asks one question within its budget: an attempt, perhaps a retry, the breaker before and after (control-webhook 4).
// Thread: control.
#pragma once

#include "targets/control_webhook/decision.hpp"
#include "targets/control_webhook/outcome.hpp"
#include "targets/control_webhook/question.hpp"

namespace boni::targets::control_webhook {

struct Answer {
    Outcome outcome;
    std::optional<Decision> decision;              ///< set exactly for Outcome::Kind::decision
    DecisionId id;
    bool down = false;                             ///< the breaker is open now
};

/// Writes the timeline rows control.*; a caller who hangs up aborts the request by cancelling this, and nothing is counted.
Task<Answer> ask(call::Call& call, Place place, Question question);

}  // namespace boni::targets::control_webhook
