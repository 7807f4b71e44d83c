// GET and PUT /whatsapp-calling/numbers/{whatsapp_number_id}/route: as a number's route, and no telephone in it (api-semantics 8).
#include "api/route_body.hpp"
#include "api/saved_route.hpp"

namespace boni::api {
namespace {

Task<Result<model::Number>> whatsapp_number_of(Asked& asked) {
    CO_TRY(auto known, co_await asked.services.store.whatsapp_number(asked.tenant.id, NumberId::from(asked.param("whatsapp_number_id"))));
    co_return known.number;
}

Task<Result<Answer>> get_whatsapp_route(Asked& asked) {
    CO_TRY(auto number, co_await whatsapp_number_of(asked));
    co_return co_await get_route(asked, std::move(number));
}

Result<> check_whatsapp_route(Asked const& asked) { return check_route(asked.body, asked); }

Task<Result<Answer>> put_whatsapp_route(Asked& asked) {
    CO_TRY(auto number, co_await whatsapp_number_of(asked));
    co_return co_await put_route(asked, std::move(number));
}

constexpr Operation whatsapp_route_operations[] = {
    {"GET", "/whatsapp-calling/numbers/{whatsapp_number_id}/route", model::Scope::read, ExtraBucket::none, nullptr, get_whatsapp_route},
    {"PUT", "/whatsapp-calling/numbers/{whatsapp_number_id}/route", model::Scope::write, ExtraBucket::none, check_whatsapp_route, put_whatsapp_route},
};

}  // namespace

extern Resource const whatsapp_route_resource{whatsapp_route_operations};

}  // namespace boni::api
