// `control_webhook`: asks a customer's server what to do with the call. Its parts are told in control_webhook/.
#include "targets/control_webhook/breaker.hpp"
#include "targets/control_webhook/conversation.hpp"

namespace boni::call {
namespace {

namespace webhook = targets::control_webhook;

Result<model::Target> check_control_webhook(json::object const& fields, std::string_view at, CheckContext const& context) {
    TRY(auto const place, webhook::parse_place(fields, at, context));
    model::Target out{"control_webhook", {{"type", "control_webhook"}, {"url", place.url}}};
    if (json::find(fields, "timeoutMs")) out.fields["timeoutMs"] = place.budget.count();
    return out;
}

Task<TargetOutcome> run_control_webhook(Call& call, model::Target target, Arrival arrival) {
    CheckContext const context = call.check_context();
    auto place = webhook::parse_place(target.fields, "", context);
    if (!place) co_return TargetOutcome{.kind = TargetOutcome::Kind::failed, .reason = "egress_blocked",
                                        .error = "control_webhook_failed", .cause = "route_failed"};
    webhook::Conversation conversation{call, std::move(*place), std::move(arrival)};
    co_return co_await conversation.run();
}

void saved(Calls& calls, TenantId const& tenant, model::Target const& target) {
    if (auto const url = target.text("url")) calls.kept().of<webhook::Breakers>().route_saved(tenant, *url);
}

}  // namespace

extern Target const control_webhook_target{"control_webhook", "control_webhook", check_control_webhook, run_control_webhook, saved};

}  // namespace boni::call
