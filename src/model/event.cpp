#include "model/event.hpp"

#include "base/crypto.hpp"

#include <algorithm>

namespace boni::model {

bool is_event_type(std::string_view text) { return std::ranges::find(event_types, text) != std::end(event_types); }

Event make_event(TenantId tenant, std::string type, json::object data, Instant now) {
    Event event{.id = EventId::fresh(now), .tenant = std::move(tenant), .type = std::move(type), .created_at = now};
    if (auto const call = json::text(data, "callId")) event.call = CallId::from(std::string{*call});
    event.sequence = json::integer(data, "sequence").value_or(0);
    data["occurredAt"] = rfc3339(now);
    json::object envelope;
    envelope["event_id"] = event.id.str();
    envelope["event_type"] = event.type;
    envelope["timestamp"] = unix_seconds(now);
    envelope["data"] = std::move(data);
    event.body = json::serialize(envelope);
    return event;
}

Result<std::vector<Secret>> signing_keys(WebhookEndpoint const& endpoint, Secret const& master_key, Instant now) {
    std::vector<Secret> keys;
    TRY(auto active, unseal(master_key.reveal(), endpoint.secret, endpoint.id.str()));
    keys.emplace_back(std::move(active));
    auto const overlaps = !endpoint.previous_secret.empty() && endpoint.previous_until && *endpoint.previous_until > now;
    if (!overlaps || endpoint.single_signature) return keys;
    TRY(auto previous, unseal(master_key.reveal(), endpoint.previous_secret, endpoint.id.str()));
    keys.emplace_back(std::move(previous));
    return keys;
}

json::object to_json(Delivery const& delivery, Instant now) {
    json::object out;
    out["id"] = delivery.id.str();
    out["event"] = delivery.event_type;
    out["status"] = name(delivery.status);
    out["attemptCount"] = delivery.attempt_count;
    if (delivery.last_status) out["lastStatusCode"] = *delivery.last_status;
    if (!delivery.last_error.empty()) out["lastError"] = delivery.last_error;
    out["createdAt"] = rfc3339(delivery.created_at);
    out["updatedAt"] = rfc3339(delivery.updated_at);
    out["eventId"] = delivery.event.str();
    out["endpointId"] = delivery.endpoint.str();
    if (!delivery.call.empty()) out["callId"] = delivery.call.str();
    auto const in_flight = delivery.lease_until && *delivery.lease_until > now;
    if (delivery.status == DeliveryStatus::pending && !in_flight && delivery.due_at)
        out["nextRetryAt"] = rfc3339(std::max(*delivery.due_at, now));
    if (delivery.signature_timestamp) {
        out["signature"] = json::object{{"eventId", delivery.event.str()}, {"timestamp", *delivery.signature_timestamp},
                                        {"signatureVersion", "v1"}, {"signature", delivery.signature}, {"replayWindowSeconds", 300}};
    }
    return out;
}

}  // namespace boni::model
