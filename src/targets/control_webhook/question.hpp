// One question to a customer's server: its body, its signature, its headers (control-webhook 1). Thread: control.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "call/call.hpp"

namespace boni::targets::control_webhook {

struct Question {
    DecisionId id;
    std::string phase;                             ///< inbound, continue, target_failed, stream_ended, input
    json::value last;                              ///< null at inbound
    std::int64_t sequence = 1;                     ///< of this call's questions
    std::size_t target_index = 0;
};

/// Rendered once; the retry sends the same bytes. `budget`: left at the first attempt.
std::string body_of(Question const& question, call::Call const& call, std::chrono::milliseconds budget);

using Headers = std::vector<std::pair<std::string, std::string>>;
/// All but X-Boni-Deadline-Ms, which is known when the request is written.
Headers headers_of(Question const& question, CallId const& call, std::string const& body, std::vector<Secret> const& keys,
                   int attempt, Instant now);

}  // namespace boni::targets::control_webhook
