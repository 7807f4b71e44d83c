#include "call/events.hpp"

#include "base/utf8.hpp"
#include "model/call_event.hpp"

namespace boni::call::events {

std::string cut(std::string_view text, std::size_t bytes_max) { return as_utf8(text, bytes_max); }

json::object sip_answer(int status) {
    json::object message{{"method", "INVITE"}};
    if (status != 0) message["status"] = status;
    return {{"sip", std::move(message)}};
}

json::object sip_end(Ending const& ending, bool answered) {
    constexpr std::size_t reason_bytes_max = 256;
    json::object message;
    auto const last = ended_by(ending, answered);
    if (last) message["method"] = last->method == sip::Method::bye ? "BYE" : last->method == sip::Method::cancel ? "CANCEL" : "INVITE";
    auto const status = ending.signalled ? ending.sip_status : answered ? 0 : refusal_status(ending);
    if (status != 0) message["status"] = status;
    if (last) message["by"] = last->by_peer ? "caller" : "platform";
    if (last && last->reason) message["reason"] = as_utf8(sip::text_of(*last->reason), reason_bytes_max);
    json::object out;
    if (!message.empty()) out["sip"] = std::move(message);
    if (!ending.why.empty()) out["why"] = cut(ending.why);
    return out;
}

json::object received(sip::Incoming const& incoming, model::Call const& call) {
    json::object out;
    if (!call.route.empty()) out["routeId"] = call.route.str();
    if (!incoming.calling.display_name.empty()) out["displayName"] = cut(incoming.calling.display_name);
    if (!incoming.diversions.empty()) out["redirectedFrom"] = cut(incoming.diversions.front().party.value);
    out["test"] = call.test;
    return out;
}

json::object ringing_caller() { return {{"leg", "caller"}}; }

json::object answered(model::Call const& call, std::string_view by, double ring_seconds) {
    return {{"answeredBy", by}, {"answeredAt", rfc3339(call.answered_at.value_or(Instant{}))}, {"ringSeconds", ring_seconds}};
}

json::object action_accepted(model::Action const& action) {
    json::object out{{"actionId", action.id.str()}, {"action", action.name}, {"status", name(action.status)}, {"origin", action.origin}};
    if (!action.stream.empty()) out["streamId"] = action.stream.str();
    if (!action.recording.empty()) out["recordingId"] = action.recording.str();
    return out;
}

json::object ended(model::Call const& call, Ending const& ending, std::string_view target, std::size_t index) {
    auto out = model::end_fields(call);
    if (ending.sip_status != 0) out["sipStatus"] = ending.sip_status;
    if (ending.q850 != 0) out["q850"] = ending.q850;
    if (!target.empty()) {
        out["targetType"] = target;
        out["targetIndex"] = index;
    }
    if (call.status == model::CallStatus::failed) out["error"] = ending.error.empty() ? "internal" : ending.error;
    return out;
}

}  // namespace boni::call::events
