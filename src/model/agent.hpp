// Hosted voice agents as their tenant describes them. Plain values; any thread.
#pragma once

#include <optional>
#include <string>

#include "model/route.hpp"

namespace boni::model {

/// Agents that may hand a call on to each other, the first one included (voice-agents 9).
constexpr int agents_in_a_row_max = 3;

enum class AgentStatus { draft, active, disabled };

struct VoiceAgent {
    AgentId id;
    TenantId tenant;
    std::string key;                         ///< the tenant's own name for it, unique within the tenant
    std::string name;
    std::string language;                    ///< BCP 47
    std::string greeting;
    std::string instructions;
    std::optional<Target> fallback;          ///< where a call goes that the agent cannot take
    std::optional<json::object> metadata;    ///< as saved; `engine` in it is ours
    AgentStatus status = AgentStatus::draft;
    Instant created_at{};
    Instant updated_at{};
};

/// The contract's `VoiceAgent`.
json::object to_json(VoiceAgent const& agent);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::AgentStatus> = names<model::AgentStatus>({
    {model::AgentStatus::draft, "draft"}, {model::AgentStatus::active, "active"}, {model::AgentStatus::disabled, "disabled"}});
}  // namespace boni
