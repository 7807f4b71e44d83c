// GET and PUT /whatsapp-calling/numbers/{whatsapp_number_id}/route: as a number's route, and no telephone in it (api-semantics 8).
#include "api/route_body.hpp"
#include "api/saved_route.hpp"
#include "call/action.hpp"

namespace boni::api {
namespace {

Task<Result<model::Number>> number_of(Asked& asked) {
    CO_TRY(auto known, co_await asked.services.store.whatsapp_number(asked.tenant.id, NumberId::from(asked.param("whatsapp_number_id"))));
    co_return known.number;
}

Task<Result<Answer>> get(Asked& asked) {
    CO_TRY(auto number, co_await number_of(asked));
    co_return co_await get_route(asked, std::move(number));
}

Result<> check_put(Asked const& asked) { return check_route(asked.body, asked); }

Task<Result<Answer>> put(Asked& asked) {
    CO_TRY(auto number, co_await number_of(asked));
    if (!asked.tenant.feature("whatsapp_calling")) co_return std::unexpected(call::feature_off("WhatsApp Calling", "whatsapp_calling"));
    co_return co_await put_route(asked, std::move(number));
}

constexpr Operation operations[] = {
    {"GET", "/whatsapp-calling/numbers/{whatsapp_number_id}/route", model::Scope::read, ExtraBucket::none, nullptr, get},
    {"PUT", "/whatsapp-calling/numbers/{whatsapp_number_id}/route", model::Scope::write, ExtraBucket::none, check_put, put},
};

}  // namespace

extern Resource const whatsapp_route_resource{operations};

}  // namespace boni::api
