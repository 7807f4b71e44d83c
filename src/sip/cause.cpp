#include "sip/cause.hpp"

#include <algorithm>
#include <array>

#include "sip/text.hpp"

namespace boni::sip {
namespace {

using model::CallStatus;

struct Row {
    Cause cause;
    Consequence consequence;
};

// Sorted by enumerator, one row per token; sip 7 and "Call status and causes" of the API reference.
constexpr std::array rows{
    Row{Cause::normal, {CallStatus::no_answer, 16, 480}},
    Row{Cause::caller_cancelled, {CallStatus::no_answer, 16, 487}},
    Row{Cause::no_answer, {CallStatus::no_answer, 19, 480}},
    Row{Cause::busy, {CallStatus::failed, 17, 486}},
    Row{Cause::rejected, {CallStatus::failed, 21, 603}},
    Row{Cause::unallocated, {CallStatus::failed, 1, 404}},
    Row{Cause::invalid_number, {CallStatus::failed, 28, 484}},
    Row{Cause::unreachable, {CallStatus::failed, 20, 480}},
    Row{Cause::destination_out_of_order, {CallStatus::failed, 27, 502}},
    Row{Cause::congestion, {CallStatus::failed, 42, 503}},
    Row{Cause::no_circuit, {CallStatus::failed, 34, 503}},
    Row{Cause::network_failure, {CallStatus::failed, 41, 504}},
    Row{Cause::incompatible, {CallStatus::failed, 88, 488}},
    Row{Cause::auth_failed, {CallStatus::failed, 57, 503}},
    Row{Cause::not_allowed, {CallStatus::failed, 63, 403}},
    Row{Cause::control_webhook_timeout, {CallStatus::failed, 41, 480}},
    Row{Cause::route_failed, {CallStatus::failed, 41, 480}},
    Row{Cause::overload, {CallStatus::failed, 42, 503}},
    Row{Cause::draining, {CallStatus::failed, 42, 503}},
    Row{Cause::media_timeout, {CallStatus::failed, 31, 480}},
    Row{Cause::session_expired, {CallStatus::failed, 102, 480}},
    Row{Cause::no_ack, {CallStatus::failed, 102, 480}},
    Row{Cause::guard, {CallStatus::failed, 102, 480}},
    Row{Cause::max_duration, {CallStatus::failed, 16, 480}},
    Row{Cause::node_lost, {CallStatus::failed, 41, 480}},
};
static_assert(std::ranges::is_sorted(rows, {}, &Row::cause) && rows.size() == names_of<Cause>.size());

// Only causes that say more than "it failed": 16 and 31 on a failure leave the word to the SIP status.
constexpr std::array<std::pair<int, Cause>, 24> by_q850{{
    {1, Cause::unallocated}, {2, Cause::unallocated}, {3, Cause::unallocated}, {17, Cause::busy}, {18, Cause::no_answer},
    {19, Cause::no_answer}, {20, Cause::unreachable}, {21, Cause::rejected}, {22, Cause::unallocated},
    {27, Cause::destination_out_of_order}, {28, Cause::invalid_number}, {34, Cause::no_circuit}, {38, Cause::network_failure},
    {41, Cause::network_failure}, {42, Cause::congestion}, {44, Cause::no_circuit}, {47, Cause::congestion}, {50, Cause::not_allowed},
    {55, Cause::not_allowed}, {57, Cause::not_allowed}, {58, Cause::incompatible}, {63, Cause::not_allowed}, {65, Cause::incompatible},
    {88, Cause::incompatible}}};

Cause cause_of_status(int status, Rang rang) {
    switch (status) {
        case 486: case 600: return Cause::busy;
        case 404: case 410: case 485: case 604: return Cause::unallocated;
        case 484: case 416: return Cause::invalid_number;
        case 480: return rang == Rang::yes ? Cause::no_answer : Cause::unreachable;
        case 430: return Cause::unreachable;
        case 408: return rang == Rang::yes ? Cause::no_answer : Cause::network_failure;
        case 504: return Cause::network_failure;
        case 502: return Cause::destination_out_of_order;
        case 488: case 606: case 415: return Cause::incompatible;
        case 401: case 407: return Cause::auth_failed;
        case 487: return Cause::no_answer;   // somebody on the way cancelled what we did not
        default: return status >= 500 && status < 600 ? Cause::congestion : Cause::rejected;
    }
}

}  // namespace

Consequence const& consequence(Cause cause) { return rows[std::size_t(cause)].consequence; }

int q850_of(std::optional<Reason> const& said, Cause cause) {
    return said && said->protocol == "Q.850" ? said->cause : consequence(cause).q850;
}

model::CallStatus status_of(Cause cause, bool answered) {
    if (cause == Cause::node_lost) return CallStatus::failed;
    return answered ? CallStatus::completed : consequence(cause).unanswered;
}

Cause cause_of_failure(int sip_status, std::optional<Reason> const& received, Rang rang) {
    if (sip_status == 401 || sip_status == 407) return Cause::auth_failed;   // ours to fix, whatever the gateway adds
    if (received && received->protocol == "Q.850")
        if (auto const known = cause_of_q850(received->cause)) return *known;
    return cause_of_status(sip_status, rang);
}

std::optional<Cause> cause_of_q850(int q850) {
    auto const found = std::ranges::find(by_q850, q850, &std::pair<int, Cause>::first);
    if (found == by_q850.end()) return std::nullopt;
    return found->second;
}

std::string text_of(Reason const& reason) {
    auto out = reason.protocol;
    if (reason.cause != 0) out += ";cause=" + std::to_string(reason.cause);
    if (!reason.text.empty()) out += ";text=" + sip::quoted(reason.text);
    return out;
}

}  // namespace boni::sip
