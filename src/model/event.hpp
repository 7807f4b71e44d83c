// Events and their deliveries: what a customer is told, to whom, and how that went. Plain values; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace boni::model {

/// The contract's closed list of event types, in its order.
constexpr std::string_view event_types[] = {
    "call.inbound.received", "call.ringing", "call.answered", "call.no_answer", "call.completed", "call.failed",
    "call.action.accepted", "call.transferred", "whatsapp_calling.enabled", "whatsapp_calling.permission.updated",
    "stream.started", "stream.stopped", "recording.available", "transcript.available", "ai.call.completed",
    "usage.updated", "number.activated", "number.suspended"};

bool is_event_type(std::string_view text);

struct Event {
    EventId id;
    TenantId tenant;
    std::string type;
    CallId call;                 ///< empty: an account-level event
    std::int64_t sequence = 0;   ///< per call from 1; 0: account-level
    std::string body;            ///< the envelope, rendered once; sent byte for byte in every attempt
    Instant created_at{};
};

/// {"event_id","event_type","timestamp","data"}; `data.occurredAt` is set from `now`.
Event make_event(TenantId tenant, std::string type, json::object data, Instant now);

struct WebhookEndpoint {
    EndpointId id;
    TenantId tenant;
    std::string url;
    std::vector<std::string> events;
    bool enabled = true;
    std::string secret;                            ///< 32 raw bytes sealed under the master key (context: endpoint id)
    std::string previous_secret;                   ///< sealed; empty outside a rotation overlap
    std::optional<Instant> previous_until;
    std::string secret_prefix;                     ///< first 12 characters of whsec_...
    bool single_signature = false;
    Instant created_at{};
    Instant updated_at{};
    std::optional<Instant> disabled_at;
    std::string disabled_reason;                   ///< gone, failing, operator
};

/// The raw keys that sign for it at `now`, active first: two while a rotation overlaps and it did not ask for one value.
/// Errc::internal when a secret cannot be opened: another master key, or a damaged row.
Result<std::vector<Secret>> signing_keys(WebhookEndpoint const& endpoint, Secret const& master_key, Instant now);

enum class DeliveryStatus { pending, delivered, failed };

struct Delivery {
    DeliveryId id;
    EventId event;
    std::string event_type;
    EndpointId endpoint;
    TenantId tenant;
    CallId call;
    std::int64_t sequence = 0;
    DeliveryStatus status = DeliveryStatus::pending;
    int attempt_count = 0;                         ///< finished attempts
    int schedule_step = 0;                         ///< attempts since creation or the last replay
    std::optional<Instant> due_at;
    std::optional<Instant> lease_until;
    std::optional<int> last_status;
    std::string last_error;                        ///< token, never a URL
    std::optional<std::int64_t> signature_timestamp;
    std::string signature;                         ///< header value of the latest attempt
    bool replay = false;                           ///< in the slow lane
    Instant created_at{};
    Instant updated_at{};
    std::optional<Instant> first_attempt_at;
    std::optional<Instant> finished_at;
};

/// The contract's `WebhookDelivery`; `nextRetryAt` exactly when pending and not in flight at `now`.
json::object to_json(Delivery const& delivery, Instant now);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::DeliveryStatus> = names<model::DeliveryStatus>({
    {model::DeliveryStatus::pending, "pending"}, {model::DeliveryStatus::delivered, "delivered"}, {model::DeliveryStatus::failed, "failed"}});
}  // namespace boni
