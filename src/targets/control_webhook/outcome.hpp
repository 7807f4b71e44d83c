// What an attempt's answer means: one table (control-webhook 4). Pure. Thread: any.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace boni::targets::control_webhook {

struct Outcome {
    enum class Kind {
        decision,      ///< 200 with JSON: to be parsed
        hold,          ///< 202
        not_mine,      ///< 204
        failure
    } kind = Kind::failure;
    std::string reason{};                          ///< token of control.failed and route.fallback
    bool retry = false;                            ///< worth a second attempt, budget permitting
    bool gone = false;                             ///< 410: the breaker opens
    std::chrono::milliseconds wait{};              ///< of a hold
};

/// Whether its body is looked at: a 200 is JSON, and one of another type may have no end.
bool of_use(int status, std::string_view content_type);
/// `content_type`: the header's value. The body was read whole, at most 64 KiB.
Outcome outcome_of(int status, std::string_view content_type, std::string_view body);
/// The request got no answer; the error's token is the HTTP client's.
Outcome outcome_of(Error const& error);

/// Retry-After in whole seconds; dates are not honoured, they cannot fit into a budget of 10 s anyway.
std::optional<std::chrono::milliseconds> retry_after(std::string_view header);

}  // namespace boni::targets::control_webhook
