// The body of a VoiceAgentCreate. Thread: control.
#pragma once

#include "api/resource.hpp"
#include "model/agent.hpp"

namespace boni::api {

/// Its form: 400 only.
Result<> check_agent(Asked const& asked);

/// What it means: the fallback's features (403), then values, references and addresses (422). The agent has no id or times yet.
Task<Result<model::VoiceAgent>> read_agent(Asked& asked);

/// The part of an agent's metadata that is ours, `engine` (voice-agents 9), and no secrets anywhere: 422 at "metadata...".
Result<> check_engine(json::object const& metadata);

}  // namespace boni::api
