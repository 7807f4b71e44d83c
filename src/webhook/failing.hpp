// When an endpoint is switched off by the platform (events-and-webhooks 6, "Auto-disable"). Pure. Thread: any.
#pragma once

#include "store/store.hpp"

namespace boni::webhook {

constexpr auto failing_for_min = std::chrono::days{5};   ///< without one success
constexpr int failures_min = 10;
constexpr auto failures_span_min = 12h;                  ///< never on a count alone: a burst is one incident

/// Without a success so far, its first failure starts the five days.
inline bool failing_for_good(store::EndpointHealth const& health, Instant now) {
    if (health.failures < failures_min || !health.first_failure_at || !health.last_failure_at) return false;
    auto const since = health.last_success_at.value_or(*health.first_failure_at);
    return now - since >= failing_for_min && *health.last_failure_at - *health.first_failure_at >= failures_span_min;
}

}  // namespace boni::webhook
