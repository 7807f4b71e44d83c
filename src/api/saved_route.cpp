#include "api/saved_route.hpp"

#include "api/route_body.hpp"
#include "call/action.hpp"
#include "call/calls.hpp"

namespace boni::api {
namespace {

bool same_content(model::Route const& a, model::Route const& b) {
    return a.primary == b.primary && a.fallback == b.fallback && a.events == b.events && a.recording == b.recording && a.metadata == b.metadata;
}

/// A known route keeps its id and the operator's off-switch; an equal one keeps its time too.
void continue_from(std::optional<model::Route> const& known, model::Route& route, Instant now) {
    route.id = known ? known->id : RouteId::fresh(now);
    route.created_at = known ? known->created_at : now;
    route.updated_at = known && same_content(*known, route) ? known->updated_at : now;
    if (known && known->status == model::RouteStatus::disabled) route.status = model::RouteStatus::disabled;
}

}  // namespace

Task<Result<Answer>> get_route(Asked& asked, model::Number number) {
    CO_TRY(auto const route, co_await asked.services.store.route(asked.tenant.id, number.id));
    if (!route) co_return fail(Errc::not_found, "this number has no route", {}, "not_found");
    co_return Answer{.body = model::to_json(*route)};
}

/// An equal route is saved again all the same: its health starts anew, and its breaker closes.
Task<Result<Answer>> put_route(Asked& asked, model::Number number) {
    auto& store = asked.services.store;
    auto const whatsapp = number.type == model::NumberType::whatsapp_calling;
    if (whatsapp && !asked.tenant.feature("whatsapp_calling")) co_return std::unexpected(call::feature_off("WhatsApp Calling", "whatsapp_calling"));
    CO_TRY(auto route, co_await read_route(asked.body, asked, whatsapp ? model::Channel::whatsapp_calling : model::Channel::pstn));
    CO_TRY(auto const known, co_await store.route(asked.tenant.id, number.id));
    route.number = number.id;
    continue_from(known, route, asked.now);
    json::value const body = model::to_json(route);
    CO_CHECK_OK(co_await store.save_route(route, finished(asked, 200, &body)));
    asked.services.calls.route_saved(route);
    co_return Answer{.body = body, .stored = true};
}

}  // namespace boni::api
