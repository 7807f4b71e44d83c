// GET and PUT /numbers/{number_id}/route: where the calls of a number go (api-semantics 4, 5 and 8; control-webhook 5).
#include "api/route_body.hpp"
#include "api/saved_route.hpp"

namespace boni::api {
namespace {

Task<Result<model::Number>> number_of_route(Asked& asked) {
    co_return co_await asked.services.store.number(asked.tenant.id, NumberId::from(asked.param("number_id")));
}

Task<Result<Answer>> get_number_route(Asked& asked) {
    CO_TRY(auto number, co_await number_of_route(asked));
    co_return co_await get_route(asked, std::move(number));
}

Result<> check_number_route(Asked const& asked) { return check_route(asked.body, asked); }

Task<Result<Answer>> put_number_route(Asked& asked) {
    CO_TRY(auto number, co_await number_of_route(asked));
    co_return co_await put_route(asked, std::move(number));
}

constexpr Operation route_operations[] = {
    {"GET", "/numbers/{number_id}/route", model::Scope::read, ExtraBucket::none, nullptr, get_number_route},
    {"PUT", "/numbers/{number_id}/route", model::Scope::write, ExtraBucket::none, check_number_route, put_number_route},
};

}  // namespace

extern Resource const number_route_resource{route_operations};

}  // namespace boni::api
