// GET /numbers: PSTN numbers, oldest first. GET /numbers/{number_id}: any number of the tenant.
#include "api/page.hpp"
#include "api/shown_number.hpp"

namespace boni::api {
namespace {

Task<Result<Answer>> list_numbers(Asked& asked) {
    CO_TRY(auto const limit, limit_of(asked.request, 20));
    CO_TRY(auto const after, cursor_of(asked, {}));
    CO_TRY(auto numbers, co_await asked.services.store.number_page({asked.tenant.id, model::NumberType::indian_business_number, after, limit + 1}));
    auto const next = cut(numbers, limit, &model::Number::created_at);
    json::array rows;
    for (auto const& number : numbers) rows.push_back(shown(number, asked.tenant));
    co_return page_answer(asked, std::move(rows), next, {});
}

Task<Result<Answer>> get_number(Asked& asked) {
    CO_TRY(auto const number, co_await asked.services.store.number(asked.tenant.id, NumberId::from(asked.param("number_id"))));
    co_return Answer{.body = shown(number, asked.tenant)};
}

constexpr Operation number_operations[] = {
    {"GET", "/numbers", model::Scope::read, ExtraBucket::lists, check_page, list_numbers},
    {"GET", "/numbers/{number_id}", model::Scope::read, ExtraBucket::none, nullptr, get_number},
};

}  // namespace

extern Resource const numbers_resource{number_operations};

}  // namespace boni::api
