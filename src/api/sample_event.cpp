#include "api/sample_event.hpp"

#include <algorithm>

namespace boni::api {
namespace {

// Fixed, so that a customer can tell a sample at a glance.
constexpr std::string_view call_id = "call_00000000000000000000000001";
constexpr std::string_view number_id = "num_00000000000000000000000001";
constexpr std::string_view action_id = "cact_00000000000000000000000001";
constexpr std::string_view stream_id = "strm_00000000000000000000000001";
constexpr std::string_view recording_id = "rec_00000000000000000000000001";
constexpr std::string_view business_number = "+918040000001";
constexpr std::string_view caller_number = "+919876543210";
constexpr auto talked = 84s;
constexpr auto rang = 4s;

json::object call_fields(std::int64_t sequence) {
    return {{"callId", call_id}, {"numberId", number_id}, {"sequence", sequence}, {"direction", "inbound"}, {"channel", "pstn"},
            {"from", caller_number}, {"to", business_number}};
}

json::object with(json::object fields, json::object const& more) {
    json::merge(fields, more);
    return fields;
}

json::object ended(std::string_view status, std::string_view cause, std::string_view by, Instant started, Instant now) {
    return {{"final", true}, {"status", status}, {"startedAt", rfc3339(started)}, {"endedAt", rfc3339(now)},
            {"durationSeconds", 0}, {"hangupCause", cause}, {"hangupBy", by}};
}

std::string path_of(std::string_view what) { return "/v1/calls/" + std::string{call_id} + '/' + std::string{what}; }

json::object life(std::string_view type, Instant now) {
    if (type == "call.inbound.received") return call_fields(1);
    if (type == "call.ringing") return with(call_fields(2), {{"leg", "caller"}});
    if (type == "call.answered") return with(call_fields(3), {{"answeredBy", "play"}, {"answeredAt", rfc3339(now)}, {"ringSeconds", rang.count()}});
    if (type == "call.no_answer") return with(call_fields(3), ended("no_answer", "caller_cancelled", "caller", now - rang, now));
    if (type == "call.failed") {
        auto fields = with(call_fields(2), ended("failed", "route_failed", "platform", now, now));
        return with(std::move(fields), {{"sipStatus", 480}, {"q850", 41}, {"error", "control_webhook_failed"}});
    }
    auto fields = with(call_fields(4), ended("completed", "normal", "caller", now - talked - rang, now));
    return with(std::move(fields), {{"answeredAt", rfc3339(now - talked)}, {"durationSeconds", talked.count()}, {"q850", 16}});
}

json::object during(std::string_view type) {
    auto const fields = call_fields(4);
    if (type == "call.action.accepted") return with(fields, {{"actionId", action_id}, {"action", "play"}, {"status", "accepted"}, {"origin", "api"}});
    if (type == "call.transferred")
        return with(fields, {{"actionId", action_id}, {"mode", "blind"}, {"targetType", "phone_number"}, {"target", "+918012345678"}});
    if (type == "stream.started")
        return with(fields, {{"streamId", stream_id}, {"host", "stream.example.com"}, {"bidirectional", true}, {"track", "inbound"},
                             {"contentType", "audio/x-mulaw;rate=8000"}, {"dialect", "twilio"}});
    if (type == "stream.stopped")
        return with(fields, {{"streamId", stream_id}, {"reason", "call_ended"}, {"durationSeconds", talked.count()}, {"reconnects", 0},
                             {"framesSent", talked / 20ms}, {"framesDropped", 0}, {"bytesPlayed", 64000}});
    if (type == "recording.available")
        return with(fields, {{"recordingId", recording_id}, {"durationSeconds", talked.count()}, {"channels", "mixed"}, {"sizeBytes", 1344044},
                             {"accessPath", path_of("recordings")}});
    if (type == "transcript.available")
        return with(fields, {{"transcriptId", "tr_00000000000000000000000001"}, {"status", "completed"}, {"language", "en-IN"},
                             {"recordingId", recording_id}, {"accessPath", path_of("transcripts")}});
    return with(fields, {{"agentId", "agent_00000000000000000000000001"}, {"outcome", "completed"}, {"durationSeconds", talked.count()},
                         {"turns", 6}});
}

json::object account(std::string_view type, Instant now) {
    json::object const number{{"numberId", number_id}};
    if (type == "whatsapp_calling.enabled") return with(number, {{"callingStatus", "active"}, {"consentStatus", "available"}});
    if (type == "whatsapp_calling.permission.updated")
        return with(number, {{"userId", "user_sample"}, {"status", "granted"}, {"permanent", false},
                             {"expiresAt", rfc3339(now + std::chrono::days{7})}, {"source", "user_action"}});
    if (type == "usage.updated") {
        json::object const total{{"eventType", "inbound_call_minutes"}, {"amount", 12}, {"unit", "minute"}, {"billableAmountInr", 0}};
        auto const today = ist_date(now);
        return {{"window", json::object{{"from", today.substr(0, 8) + "01"}, {"to", today}}}, {"totals", json::array{total}}};
    }
    if (type == "number.activated")
        return with(number, {{"phoneNumber", business_number}, {"type", "indian_business_number"}, {"previousActivationStatus", "test_passed"}});
    return with(number, {{"phoneNumber", business_number}, {"status", "disabled"}, {"reason", "operator"}});
}

json::object data_of(std::string_view type, Instant now) {
    constexpr std::string_view account_level[] = {"whatsapp_calling.enabled", "whatsapp_calling.permission.updated", "usage.updated",
                                                  "number.activated", "number.suspended"};
    if (std::ranges::find(account_level, type) != std::end(account_level)) return account(type, now);
    auto const while_talking = !type.starts_with("call.") || type == "call.action.accepted" || type == "call.transferred";
    return while_talking ? during(type) : life(type, now);
}

}  // namespace

model::Event sample_event(TenantId tenant, std::string_view type, Instant now) {
    auto data = data_of(type, now);
    data["test"] = true;
    return model::make_event(std::move(tenant), std::string{type}, std::move(data), now);
}

}  // namespace boni::api
