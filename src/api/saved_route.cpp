#include "api/saved_route.hpp"

#include "api/route_body.hpp"
#include "call/action.hpp"
#include "call/calls.hpp"

namespace boni::api {

Task<Result<Answer>> get_route(Asked& asked, model::Number number) {
    CO_TRY(auto const route, co_await asked.services.store.route(asked.tenant.id, number.id));
    if (!route) co_return fail(Errc::not_found, "this number has no route", {}, "not_found");
    co_return Answer{.body = model::to_json(*route)};
}

/// An equal route is saved again all the same: its health starts anew, and its breaker closes.
Task<Result<Answer>> put_route(Asked& asked, model::Number number) {
    auto const whatsapp = number.type == model::NumberType::whatsapp_calling;
    if (whatsapp && !asked.tenant.feature("whatsapp_calling")) co_return call::feature_off("WhatsApp Calling", "whatsapp_calling");
    CO_TRY(auto route, co_await read_route(asked.body, asked, whatsapp ? model::Channel::whatsapp_calling : model::Channel::pstn));
    route.number = number.id;
    route.id = RouteId::fresh(asked.now);
    route.created_at = route.updated_at = asked.now;
    auto const finished_with = [key = asked.key](model::Route const& saved) -> std::optional<store::FinishedRequest> {
        if (!key) return std::nullopt;
        return store::FinishedRequest{*key, {200, json::serialize(model::to_json(saved))}};
    };
    CO_TRY(auto const saved, co_await asked.services.store.save_route(std::move(route), finished_with));
    asked.services.calls.route_saved(saved);
    co_return Answer{.body = model::to_json(saved), .stored = true};
}

}  // namespace boni::api
