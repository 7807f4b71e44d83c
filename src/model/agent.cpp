#include "model/agent.hpp"

namespace boni::model {

json::object to_json(VoiceAgent const& agent) {
    json::object out{{"id", agent.id.str()}, {"key", agent.key}, {"name", agent.name}, {"status", name(agent.status)},
                     {"language", agent.language}, {"greeting", agent.greeting}, {"instructions", agent.instructions}};
    if (agent.fallback) out["fallback"] = agent.fallback->fields;
    if (agent.metadata) out["metadata"] = *agent.metadata;
    out["createdAt"] = rfc3339(agent.created_at);
    out["updatedAt"] = rfc3339(agent.updated_at);
    return out;
}

}  // namespace boni::model
