#include "model/call.hpp"

namespace boni::model {

json::object to_json(Call const& call) {
    json::object out;
    out["id"] = call.id.str();
    out["direction"] = name(call.direction);
    out["channel"] = name(call.channel);
    out["from"] = call.from;
    out["to"] = call.to;
    out["status"] = name(call.status);
    out["startedAt"] = rfc3339(call.started_at);
    if (call.answered_at) out["answeredAt"] = rfc3339(*call.answered_at);
    if (call.ended_at) {
        out["endedAt"] = rfc3339(*call.ended_at);
        out["durationSeconds"] = call.duration_seconds();
    }
    if (!call.hangup_cause.empty()) out["hangupCause"] = call.hangup_cause;
    return out;
}

json::object to_json(Action const& action) {
    json::object out;
    out["id"] = action.id.str();
    out["callId"] = action.call.str();
    out["action"] = action.name;
    out["status"] = name(action.status);
    if (!action.message.empty()) out["message"] = action.message;
    if (!action.stream.empty()) out["streamId"] = action.stream.str();
    out["createdAt"] = rfc3339(action.created_at);
    return out;
}

}  // namespace boni::model
