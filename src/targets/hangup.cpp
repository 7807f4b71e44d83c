// `hangup` as a target: the call is rejected, or ended when it was answered. It always succeeds.
#include "call/call.hpp"

namespace boni::call {
namespace {

Result<model::Target> check_hangup(json::object const&, std::string_view, CheckContext const&) {
    return model::Target{"hangup", {{"type", "hangup"}}};
}

Task<TargetOutcome> run_hangup(Call& call, model::Target, Arrival arrival) {
    if (arrival.primary) call.calls().primary_attempt(call.number(), Calls::Health::succeeded);
    call.end(ending::rejected(arrival.origin, call.answered()));
    co_return TargetOutcome{};
}

}  // namespace

extern Target const hangup_target{"hangup", "", check_hangup, run_hangup};

}  // namespace boni::call
