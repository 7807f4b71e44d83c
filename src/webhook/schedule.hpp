// When a failed delivery is tried again (events-and-webhooks 6, "Schedule"). Pure. Thread: any.
#pragma once

#include <array>
#include <optional>

#include "base/clock.hpp"

namespace boni::webhook {

/// Delay before attempt n+1, counted from the failure of attempt n; the first is sent at once. The published table shows these.
constexpr std::array<std::chrono::seconds, 11> delays{0s, 5s, 30s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
constexpr int attempts_max = int(delays.size());

constexpr double jitter_share = 0.2;                 ///< each way, so that a thousand deliveries do not come back as one
constexpr auto pressed_delay_min = 60s;              ///< after a timeout or 429: the receiver has too much already

/// What the failed attempt said about the next one.
struct Failure {
    bool pressed = false;                            ///< a timeout, or 429
    std::optional<std::chrono::seconds> retry_after; ///< the receiver's wish, from now
};

/// When the next attempt is due after `attempts` failed ones; nullopt: that was the last. `dice` is uniform in [0, 1).
/// Retry-After is heard within [delay, max(2 x delay, 60 s)].
std::optional<Instant> next_attempt(int attempts, Failure failure, Instant now, double dice);

/// No attempt is due later than this, whatever was failed with and asked for: from now, after `attempts` failed ones.
std::chrono::microseconds longest_wait(int attempts);

/// "120" or an HTTP date (RFC 9110 10.2.3), as seconds from `now`; never negative. nullopt for anything else.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view value, Instant now);

}  // namespace boni::webhook
