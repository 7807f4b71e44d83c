// The route of a number as its customer saved it, which the operator may switch off: calls get 480 until it is on again (control-webhook 5).
#include "admin/operation.hpp"

namespace boni::admin {
namespace {

Task<Result<Answer>> shown_route(Asked& asked, TenantId tenant, NumberId number) {
    CO_TRY(auto const route, co_await asked.services.store.route(tenant, number));
    if (!route) co_return fail(Errc::not_found, "this number has no route", {}, "not_found");
    co_return Answer{.body = model::to_json(*route)};
}

Task<Result<Answer>> get_route(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto const number, co_await number_of(asked, tenant.id));
    co_return co_await shown_route(asked, tenant.id, number.id);
}

/// What is in the route is its customer's; on or off is all there is to change here.
Task<Result<Answer>> switch_route(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto const number, co_await number_of(asked, tenant.id));
    CO_CHECK_OK(only(asked.body, {"enabled"}));
    CO_TRY(auto const enabled, flag_of(asked.body, "enabled"));
    if (!enabled) co_return wrong("enabled", "is required");
    CO_CHECK_OK(co_await asked.services.store.switch_route(number.id, *enabled, asked.entry(number.id.str())));
    co_return co_await shown_route(asked, tenant.id, number.id);
}

}  // namespace

std::span<Operation const> route_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/tenants/{tenant}/numbers/{number}/route", get_route},
        {"PATCH", "/v1/tenants/{tenant}/numbers/{number}/route", switch_route},
    };
    return operations;
}

}  // namespace boni::admin
