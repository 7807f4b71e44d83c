// Why a leg ended: one table from the session's outcome to the API's token, the call's status and what the other legs are told.
// Tokens are owned by the API reference ("Call status and causes"); Q.850 values are ITU-T Q.850. Thread: any; plain values.
#pragma once

#include <optional>
#include <string>

#include "base/names.hpp"
#include "model/call.hpp"

namespace boni::sip {

enum class Cause {
    normal, caller_cancelled, no_answer, busy, rejected, unallocated, invalid_number, unreachable, destination_out_of_order,
    congestion, no_circuit, network_failure, incompatible, auth_failed, not_allowed, control_webhook_timeout, route_failed,
    overload, draining, media_timeout, session_expired, no_ack, guard, max_duration, node_lost
};

/// A `Reason` header (RFC 3326). Only `Q.850` carries a number the table reads; `SIP` and `RTP` are kept for the timeline.
struct Reason {
    std::string protocol = "Q.850";
    int cause = 0;
    std::string text;
    bool operator==(Reason const&) const = default;
};

/// As it stands in the header: "Q.850;cause=16;text=\"Normal\"".
std::string text_of(Reason const& reason);

/// What one cause means elsewhere.
struct Consequence {
    model::CallStatus unanswered;   ///< status of a call that ends so before its answer; after it: see `status_of`
    int q850;                       ///< sent in Reason
    int refusal;                    ///< final SIP status for a caller who was never answered
};
Consequence const& consequence(Cause cause);
/// What the peer said in Q.850, else the table's.
int q850_of(std::optional<Reason> const& said, Cause cause);

/// The terminal status of a call: `completed` after an answer (but `failed` for node_lost), the table's before.
model::CallStatus status_of(Cause cause, bool answered);

enum class Rang { no, yes };
/// A final failure of an INVITE we sent. A received Q.850 cause outranks the status when the table knows it.
Cause cause_of_failure(int sip_status, std::optional<Reason> const& received, Rang rang);

/// The token a Q.850 cause stands for, if the table has it.
std::optional<Cause> cause_of_q850(int q850);

}  // namespace boni::sip

namespace boni {
template <>
inline constexpr auto names_of<sip::Cause> = names<sip::Cause>({
    {sip::Cause::normal, "normal"}, {sip::Cause::caller_cancelled, "caller_cancelled"}, {sip::Cause::no_answer, "no_answer"},
    {sip::Cause::busy, "busy"}, {sip::Cause::rejected, "rejected"}, {sip::Cause::unallocated, "unallocated"},
    {sip::Cause::invalid_number, "invalid_number"}, {sip::Cause::unreachable, "unreachable"},
    {sip::Cause::destination_out_of_order, "destination_out_of_order"}, {sip::Cause::congestion, "congestion"},
    {sip::Cause::no_circuit, "no_circuit"}, {sip::Cause::network_failure, "network_failure"},
    {sip::Cause::incompatible, "incompatible"}, {sip::Cause::auth_failed, "auth_failed"}, {sip::Cause::not_allowed, "not_allowed"},
    {sip::Cause::control_webhook_timeout, "control_webhook_timeout"}, {sip::Cause::route_failed, "route_failed"},
    {sip::Cause::overload, "overload"}, {sip::Cause::draining, "draining"}, {sip::Cause::media_timeout, "media_timeout"},
    {sip::Cause::session_expired, "session_expired"}, {sip::Cause::no_ack, "no_ack"}, {sip::Cause::guard, "guard"},
    {sip::Cause::max_duration, "max_duration"}, {sip::Cause::node_lost, "node_lost"}});
}  // namespace boni
