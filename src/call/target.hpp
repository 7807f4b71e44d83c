// The contract of a file in src/targets/: where a route, a fallback or a decision may send a call.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/task.hpp"
#include "call/action.hpp"
#include "model/route.hpp"

namespace boni::call {

/// How a target ended. The call goes on to the next one, or ends.
struct TargetOutcome {
    enum class Kind {
        ended,          ///< the call is over or was told to end
        released,       ///< it is done with the call, which lives: a decision is asked for, or the call ends
        failed,         ///< try the next of the list
        declined        ///< 204, "not mine": the next of the list, not counted as a failure
    } kind = Kind::ended;
    std::string reason;          ///< token for route.fallback: "timeout", "http_500", "breaker_open", "busy", ...
    std::string error;           ///< call.failed.error when nothing is left: "control_webhook_timeout", ...
    std::string cause;           ///< hangupCause when nothing is left
    int sip_status = 0;          ///< what a dialled target said; 0: it is no SIP, or said nothing
    int q850 = 0;
    std::string phase;           ///< of the question that follows in a decision; empty: target_failed
    json::value last;            ///< beside `phase`: what is said of the target
};

/// How a call comes to a target.
struct Arrival {
    std::size_t index = 0;                          ///< 0 primary, n fallback[n-1] of the route
    bool primary = false;                           ///< its attempts count for number.routeStatus
    std::string origin = "platform";                ///< who chose it, as hangupBy says it: platform (the route), control_webhook
    Answering answering = Answering::automatic;
};

class Calls;

struct Target {
    std::string_view type;                          ///< the contract's RouteTarget.type
    std::string_view feature;                       ///< the tenant feature it needs; empty: none
    /// Normalises the fields: keeps those of this type, fills nothing in; Errc::malformed (400) or Errc::invalid (422) with
    /// the field prefixed by `at` ("primary.", "fallback[1]."). One that ends in `not_offered` has nothing behind it: `run` is null.
    Result<model::Target> (*check)(json::object const& fields, std::string_view at, CheckContext const& context);
    /// Runs the call at this target until it is done with it. On the control thread; cancelled when the call ends.
    Task<TargetOutcome> (*run)(Call& call, model::Target target, Arrival arrival);
    /// A route with this target was saved: what is remembered about it starts anew. May be null.
    void (*saved)(Calls& calls, TenantId const& tenant, model::Target const& target) = nullptr;
    bool needs_answer = false;                      ///< cannot run for a caller that a decision never answers
};

/// Generated from src/targets/, sorted by name.
std::span<Target const* const> all_targets();
Target const* find_target(std::string_view type);

/// `timeoutSeconds`, 5 to 120: how long a dialled target may ring. Errc::invalid limit_exceeded.
Result<> check_ring_time(json::object const& fields, std::string_view at);

/// Type known, feature on, fields valid: what every place that takes a target asks (route, fallback, decision, transfer).
/// Unknown type: Errc::malformed validation_failed; feature off: Errc::forbidden feature_not_enabled, field "features.<name>".
Result<model::Target> check_target(json::value const& target, std::string_view at, CheckContext const& context);

}  // namespace boni::call
