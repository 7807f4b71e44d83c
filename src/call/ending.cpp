#include "call/ending.hpp"

namespace boni::call {
namespace {

using sip::Cause;

/// The table's row for a cause; before the answer it refuses with the row's status.
Ending by_table(Cause cause, bool answered, std::string error, std::string why) {
    auto const& row = sip::consequence(cause);
    return {.cause = cause, .error = std::move(error), .sip_status = answered ? 0 : row.refusal, .q850 = row.q850, .why = std::move(why)};
}

/// A hang-up after the answer is a BYE, whose row is `normal`; what was asked for travels in Reason (sip.md 7).
Ending after_answer(Ending asked) {
    asked.cause = Cause::normal;
    return asked;
}

/// call.failed.error of a cause that no target explained better.
std::string error_of(Cause cause) {
    switch (cause) {
        case Cause::rejected: return "rejected";
        case Cause::media_timeout: return "media_timeout";
        case Cause::draining: return "draining";
        case Cause::node_lost: return "node_lost";
        default: return "sip_error";
    }
}

}  // namespace

model::CallStatus status_of(Ending const& ending, bool answered) { return sip::status_of(ending.cause, answered); }

sip::Cause refusal_cause(Ending const& ending) { return ending.cause == Cause::no_answer && ending.q850 == 16 ? Cause::normal : ending.cause; }

int refusal_status(Ending const& ending) { return ending.sip_status == 0 ? sip::consequence(Cause::normal).refusal : ending.sip_status; }

std::optional<sip::EndedBy> ended_by(Ending const& ending, bool answered) {
    if (ending.signalled) return ending.ended_by;
    if (answered) return sip::EndedBy{sip::Method::bye, false, ending.reason.value_or(sip::Reason{"Q.850", ending.q850, {}})};
    return sip::EndedBy{sip::Method::invite, false, sip::Reason{"Q.850", sip::consequence(refusal_cause(ending)).q850, {}}};
}

std::string_view event_of(model::CallStatus terminal) {
    switch (terminal) {
        case model::CallStatus::completed: return "call.completed";
        case model::CallStatus::no_answer: return "call.no_answer";
        default: return "call.failed";
    }
}

namespace ending {

Ending session_over(sip::Ending const& told) {
    Ending out{.cause = told.cause, .by = told.by_peer ? "caller" : "platform", .error = error_of(told.cause),
               .sip_status = told.sip_status, .q850 = told.q850, .signalled = true, .ended_by = told.ended_by};
    if (told.by_peer) out.why = told.cause == Cause::caller_cancelled ? "the caller gave up" : "the caller hung up";
    else if (!told.guard.empty()) out.why = "SIP guard " + std::string{told.guard} + " passed";
    else if (told.cause == Cause::network_failure)
        out.why = told.sip_status == 481 ? "the caller's end has lost the call" : "the caller's end does not answer";
    if (!told.text.empty()) out.why += (out.why.empty() ? "" : ": ") + told.text;
    return out;
}

Ending hang_up(std::string_view reason, std::string by, bool answered) {
    auto out = reason == "busy"        ? by_table(Cause::busy, answered, "rejected", "hang-up action: busy")
               : reason == "rejected"  ? by_table(Cause::rejected, answered, "rejected", "hang-up action: rejected")
               : reason == "no_answer" ? by_table(Cause::no_answer, answered, {}, "hang-up action: no_answer")
                                       : by_table(Cause::normal, answered, {}, "hang-up action");
    out.by = std::move(by);
    if (answered) return after_answer(std::move(out));
    if (out.cause == Cause::normal) {   // SIP 480 with Q.850 16; the token is that of the 480 row
        out.cause = Cause::no_answer;
        out.sip_status = 480;
    }
    return out;
}

Ending rejected(std::string by, bool answered) {
    auto out = by_table(Cause::rejected, answered, "rejected", "the target is a hang-up");
    out.by = std::move(by);
    return answered ? after_answer(std::move(out)) : out;
}

Ending targets_used_up(TargetOutcome const& last, bool answered) {
    auto const cause = from_name<Cause>(last.cause).value_or(Cause::route_failed);
    auto out = by_table(cause, answered, last.error.empty() ? "all_targets_failed" : last.error, "no target is left: " + last.reason);
    if (!answered && last.sip_status != 0) out.sip_status = last.sip_status;
    if (last.q850 != 0) out.q850 = last.q850;
    return out;
}

Ending target_done() { return {.cause = Cause::normal, .by = "target", .why = "the target is done with the call"}; }

Ending no_route() { return by_table(Cause::route_failed, false, "no_route", "the number has no active route"); }

Ending tenant_suspended() {
    auto out = by_table(Cause::not_allowed, false, "tenant_suspended", "the tenant is not active");
    out.sip_status = 403;
    return out;
}

Ending concurrency_limit() {
    auto out = by_table(Cause::busy, false, "concurrency_limit", "the tenant has all its concurrent_calls in use");
    out.sip_status = 486;
    return out;
}

Ending rate_limit(std::uint32_t retry_after) {
    auto out = by_table(Cause::overload, false, "overload", "the tenant is over its calls_per_second");
    out.sip_status = 503;
    out.retry_after = retry_after;
    return out;
}

Ending no_media(std::string why, std::uint32_t retry_after) {
    auto out = by_table(Cause::overload, false, "overload", std::move(why));
    out.sip_status = 503;
    out.retry_after = retry_after;
    return out;
}

Ending incompatible(std::string why) {
    auto out = by_table(Cause::incompatible, false, "sip_error", std::move(why));
    out.sip_status = 488;
    return out;
}

Ending media_timeout(std::chrono::milliseconds silent) {
    auto out = by_table(Cause::media_timeout, true, "media_timeout", "no RTP for " + std::to_string(silent.count() / 1000) + " s");
    out.reason = sip::Reason{"RTP", 0, "no media"};
    return out;
}

Ending max_duration() { return by_table(Cause::max_duration, true, {}, "max_call_seconds is over"); }

Ending draining(bool answered) { return by_table(Cause::draining, answered, "draining", "the drain limit is over"); }

Ending unwritten(std::string why, std::uint32_t retry_after) {
    auto out = internal(std::move(why));
    out.sip_status = 503;
    out.retry_after = retry_after;
    return out;
}

Ending internal(std::string why) {
    auto out = by_table(Cause::congestion, false, "internal", std::move(why));
    out.sip_status = 500;
    return out;
}

}  // namespace ending
}  // namespace boni::call
