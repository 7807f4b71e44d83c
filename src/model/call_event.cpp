#include "model/call_event.hpp"

namespace boni::model {

json::object event_fields(Call const& call) {
    json::object out;
    out["callId"] = call.id.str();
    out["numberId"] = call.number.str();
    out["sequence"] = call.event_sequence;
    out["direction"] = name(call.direction);
    out["channel"] = name(call.channel);
    out["from"] = call.from;
    out["to"] = call.to;
    if (!call.metadata.empty()) out["metadata"] = call.metadata;
    return out;
}

json::object end_fields(Call const& call) {
    json::object out{{"final", true}, {"status", name(call.status)}, {"startedAt", rfc3339(call.started_at)}};
    if (call.answered_at) out["answeredAt"] = rfc3339(*call.answered_at);
    out["endedAt"] = rfc3339(call.ended_at.value_or(Instant{}));
    out["durationSeconds"] = call.duration_seconds();
    out["hangupCause"] = call.hangup_cause;
    out["hangupBy"] = call.hangup_by;
    return out;
}

}  // namespace boni::model
