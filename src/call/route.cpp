#include "call/route.hpp"

#include "call/figures.hpp"

namespace boni::call {
namespace {

std::string_view result_of(TargetOutcome::Kind kind) {
    switch (kind) {
        case TargetOutcome::Kind::failed: return "failed";
        case TargetOutcome::Kind::declined: return "declined";
        default: return "ended";
    }
}

/// A target that may not run: what was valid when it was saved need not be valid now.
TargetOutcome refused(Error const& error) {
    auto const* const reason = error.code == Errc::forbidden ? "not_allowed" : error.detail == "egress_blocked" ? "egress_blocked" : "invalid_target";
    return {.kind = TargetOutcome::Kind::failed, .reason = reason, .cause = "route_failed"};
}

}  // namespace

Task<TargetOutcome> run_target(Call& call, model::Target target, Arrival arrival) {
    auto const primary = arrival.primary;
    auto const checked = check_target(target.fields, "", call.check_context());
    if (!checked) {
        if (primary) call.calls().primary_attempt(call.number(), Calls::Health::failed);
        figures::route_step("none", "failed");
        co_return refused(checked.error());
    }
    auto const& known = *find_target(checked->type);
    call.arrived(checked->type, arrival.index);
    auto outcome = co_await known.run(call, *checked, std::move(arrival));
    figures::route_step(known.type, result_of(outcome.kind));
    co_return outcome;
}

Task<> follow_route(Call& call) {
    auto const route = *call.route();   // a copy: the call keeps the route it came in on
    TargetOutcome last;
    for (std::size_t index = 0; auto const* const target = route.at(index); ++index) {
        if (index > 0) call.note("route.fallback", {{"index", index}, {"targetType", target->type}, {"reason", last.reason}});
        last = co_await run_target(call, *target, {.index = index, .primary = index == 0});
        if (call.ending()) co_return;
        if (last.kind == TargetOutcome::Kind::ended || last.kind == TargetOutcome::Kind::released) co_return call.end(ending::target_done());
    }
    call.end(ending::targets_used_up(last, call.answered()));
}

}  // namespace boni::call
