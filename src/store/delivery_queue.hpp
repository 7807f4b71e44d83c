// The queue of deliveries as its dispatcher sees it: what is due, what may be sent, what became of it (events-and-webhooks 6).
// Thread: any; plain values.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "model/event.hpp"

namespace boni::store {

/// An endpoint with something to send now. Two rows when both fresh deliveries and replays are due.
struct DueEndpoint {
    EndpointId endpoint;
    TenantId tenant;
    bool replays = false;
    Instant first_due{};                                ///< of its deliveries that are due, the earliest
    Instant changed_at{};                               ///< by its customer or an operator
};
/// How many deliveries of one endpoint may be sent now: the dispatcher's decision.
struct Grant {
    EndpointId endpoint;
    bool replays = false;
    std::size_t count = 0;
};

/// Nothing of this endpoint is sent before `until`.
struct Deferral {
    EndpointId endpoint;
    bool replays = false;                               ///< those of the slow lane, or the others
    Instant until{};
};

/// A leased delivery with what sending it needs.
struct DueDelivery {
    model::Delivery delivery;
    model::WebhookEndpoint endpoint;
    std::string body;
};

/// How an endpoint has fared since its last success, restarts included; what auto-disable is decided on.
struct EndpointHealth {
    EndpointId endpoint;
    int failures = 0;                                   ///< attempts since the last success or switching on
    std::optional<Instant> first_failure_at;            ///< of those
    std::optional<Instant> last_failure_at;
    std::optional<Instant> last_success_at;
    std::string switched_off{};                         ///< why, when these results did it; empty: they did not
};

/// Why an endpoint is switched off at `now`; empty: it stays as it is. Called on the writer thread.
struct SwitchOff {
    Instant now{};
    std::function<std::string(EndpointHealth const&)> reason{};
};

struct QueueFigures {
    std::size_t pending = 0;
    std::optional<Instant> oldest_due;                  ///< due_at of the pending delivery that is due the longest
};

/// What became of one attempt (events-and-webhooks 6).
struct AttemptResult {
    DeliveryId delivery;
    int number = 0;                                     ///< of this delivery, from 1
    Instant started_at{};
    std::chrono::milliseconds took{};                   ///< until the answer was read, or it failed
    std::optional<int> status;                          ///< HTTP status, when there was one
    std::string error;                                  ///< lastError token; empty on success
    std::string ip;                                     ///< of who answered; empty: nobody did
    std::string excerpt;                                ///< at most 512 bytes of the response
    model::DeliveryStatus outcome = model::DeliveryStatus::pending;
    std::optional<Instant> due_at;                      ///< next attempt, when still pending
    long long signature_timestamp = 0;                  ///< seconds, as signed
    std::string signature;                              ///< header value
};

}  // namespace boni::store
