// One call as it is stored and shown, its actions and its timeline. Plain values; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::model {

enum class Direction { inbound, outbound };
enum class Channel { pstn, whatsapp_calling };
/// Only ever moves forward; the last three are terminal (api-semantics 10).
enum class CallStatus { received, ringing, answered, no_answer, completed, failed };

constexpr bool terminal(CallStatus status) { return status >= CallStatus::no_answer; }

struct Call {
    CallId id;
    TenantId tenant;
    NumberId number;
    RouteId route;                     ///< empty: there was none
    Direction direction = Direction::inbound;
    Channel channel = Channel::pstn;
    std::string from;
    std::string to;
    CallStatus status = CallStatus::received;
    Instant started_at{};
    std::optional<Instant> answered_at;
    std::optional<Instant> ended_at;
    std::string hangup_cause;          ///< token of api-semantics 10; empty while live
    std::string hangup_by;             ///< caller, target, api, control_webhook, agent, platform
    std::string sip_call_id;
    std::int64_t event_sequence = 0;   ///< sequence of the last event emitted
    json::object metadata;
    bool test = false;

    double duration_seconds() const {
        if (!answered_at || !ended_at) return 0;
        return double((unix_ms(*ended_at) - unix_ms(*answered_at))) / 1000.0;
    }
};

/// The contract's `Call`. `durationSeconds` appears once ended, `hangupCause` when set.
json::object to_json(Call const& call);

struct TimelineRow {
    Instant at{};
    std::string event;     ///< "control.requested", "call.answered", "action.running", ...
    json::object detail;   ///< never a URL with a query, a body, a secret or a digit
};

enum class ActionStatus { accepted, queued, running, completed, failed };

/// One accepted Call Action, whatever its origin.
struct Action {
    ActionId id;
    CallId call;
    TenantId tenant;
    std::string name;       ///< hangup, play, ... as in CallActionResult.action
    ActionStatus status = ActionStatus::accepted;
    std::string message;
    std::string origin;     ///< api, control_webhook, agent, console
    json::object request;
    StreamId stream;
    RecordingId recording;                   ///< told with it; the recording's row keeps it
    Instant created_at{};
};

/// The contract's `CallActionResult`.
json::object to_json(Action const& action);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::Direction> = names<model::Direction>({{model::Direction::inbound, "inbound"},
                                                                            {model::Direction::outbound, "outbound"}});
template <>
inline constexpr auto names_of<model::Channel> = names<model::Channel>({{model::Channel::pstn, "pstn"},
                                                                        {model::Channel::whatsapp_calling, "whatsapp_calling"}});
template <>
inline constexpr auto names_of<model::CallStatus> = names<model::CallStatus>({
    {model::CallStatus::received, "received"}, {model::CallStatus::ringing, "ringing"}, {model::CallStatus::answered, "answered"},
    {model::CallStatus::no_answer, "no_answer"}, {model::CallStatus::completed, "completed"}, {model::CallStatus::failed, "failed"}});
template <>
inline constexpr auto names_of<model::ActionStatus> = names<model::ActionStatus>({
    {model::ActionStatus::accepted, "accepted"}, {model::ActionStatus::queued, "queued"}, {model::ActionStatus::running, "running"},
    {model::ActionStatus::completed, "completed"}, {model::ActionStatus::failed, "failed"}});
}  // namespace boni
