#include <doctest/doctest.h>

#include "call/ending.hpp"

using namespace boni;
using namespace boni::call;

namespace {

struct Row {
    char const* what;
    Ending ending;
    bool answered;
    char const* status;
    char const* cause;
    int sip;
    int q850;
    char const* error;
};

}  // namespace

TEST_CASE("every way a call ends has the status, cause, SIP status and Q.850 of the reference") {
    TargetOutcome const timeout{.kind = TargetOutcome::Kind::failed, .reason = "timeout", .error = "control_webhook_timeout",
                                .cause = "control_webhook_timeout"};
    TargetOutcome const broken{.kind = TargetOutcome::Kind::failed, .reason = "http_500", .error = "control_webhook_failed", .cause = "route_failed"};
    TargetOutcome const busy{.kind = TargetOutcome::Kind::failed, .reason = "busy", .cause = "busy", .sip_status = 486, .q850 = 17};
    sip::Ending const bye{.cause = sip::Cause::normal, .by_peer = true, .answered = true, .q850 = 16};
    sip::Ending const cancel{.cause = sip::Cause::caller_cancelled, .by_peer = true, .sip_status = 487, .q850 = 16};
    Row const rows[] = {
        {"BYE of the caller", ending::session_over(bye), true, "completed", "normal", 0, 16, nullptr},
        {"CANCEL of the caller", ending::session_over(cancel), false, "no_answer", "caller_cancelled", 487, 16, nullptr},
        {"hang-up, answered", ending::hang_up("normal", "api", true), true, "completed", "normal", 0, 16, nullptr},
        {"hang-up busy, answered", ending::hang_up("busy", "api", true), true, "completed", "normal", 0, 17, nullptr},
        {"target hangup, answered", ending::rejected("control_webhook", true), true, "completed", "normal", 0, 21, nullptr},
        {"hang-up, ringing", ending::hang_up("normal", "api", false), false, "no_answer", "no_answer", 480, 16, nullptr},
        {"hang-up no_answer, ringing", ending::hang_up("no_answer", "api", false), false, "no_answer", "no_answer", 480, 19, nullptr},
        {"hang-up busy, ringing", ending::hang_up("busy", "api", false), false, "failed", "busy", 486, 17, "rejected"},
        {"hang-up rejected, ringing", ending::hang_up("rejected", "api", false), false, "failed", "rejected", 603, 21, "rejected"},
        {"target hangup", ending::rejected("platform", false), false, "failed", "rejected", 603, 21, "rejected"},
        {"webhook late", ending::targets_used_up(timeout, false), false, "failed", "control_webhook_timeout", 480, 41, "control_webhook_timeout"},
        {"webhook broken", ending::targets_used_up(broken, false), false, "failed", "route_failed", 480, 41, "control_webhook_failed"},
        {"last target busy", ending::targets_used_up(busy, false), false, "failed", "busy", 486, 17, "all_targets_failed"},
        {"webhook broken, answered", ending::targets_used_up(broken, true), true, "completed", "route_failed", 0, 41, nullptr},
        {"no route", ending::no_route(), false, "failed", "route_failed", 480, 41, "no_route"},
        {"suspended", ending::tenant_suspended(), false, "failed", "not_allowed", 403, 63, "tenant_suspended"},
        {"concurrency", ending::concurrency_limit(), false, "failed", "busy", 486, 17, "concurrency_limit"},
        {"rate", ending::rate_limit(1), false, "failed", "overload", 503, 42, "overload"},
        {"no port", ending::no_media("none free", 3), false, "failed", "overload", 503, 42, "overload"},
        {"bad SDP", ending::incompatible("no codec"), false, "failed", "incompatible", 488, 88, "sip_error"},
        {"media timeout", ending::media_timeout(30s), true, "completed", "media_timeout", 0, 31, nullptr},
        {"maximum length", ending::max_duration(), true, "completed", "max_duration", 0, 16, nullptr},
        {"drain, ringing", ending::draining(false), false, "failed", "draining", 503, 42, "draining"},
        {"drain, answered", ending::draining(true), true, "completed", "draining", 0, 42, nullptr},
        {"our fault", ending::internal("disk full"), false, "failed", "congestion", 500, 42, "internal"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.what);
        CHECK(name(status_of(row.ending, row.answered)) == row.status);
        CHECK(name(row.ending.cause) == row.cause);
        CHECK(row.ending.sip_status == row.sip);
        CHECK(row.ending.q850 == row.q850);
        if (row.error) CHECK(row.ending.error == row.error);
    }
}

TEST_CASE("the terminal event follows the status") {
    CHECK(event_of(model::CallStatus::completed) == "call.completed");
    CHECK(event_of(model::CallStatus::no_answer) == "call.no_answer");
    CHECK(event_of(model::CallStatus::failed) == "call.failed");
}

TEST_CASE("who ended the call is kept") {
    CHECK(ending::session_over({.by_peer = true}).by == "caller");
    CHECK(ending::session_over({.cause = sip::Cause::session_expired, .guard = "session_expiry"}).by == "platform");
    auto const lost = ending::session_over({.cause = sip::Cause::network_failure, .answered = true, .sip_status = 481});
    CHECK(lost.by == "platform");
    CHECK(lost.why == "the caller's end has lost the call");
    CHECK(ending::hang_up("normal", "control_webhook", true).by == "control_webhook");
    CHECK(ending::target_done().by == "target");
    CHECK(ending::session_over({.by_peer = true}).signalled);
}
