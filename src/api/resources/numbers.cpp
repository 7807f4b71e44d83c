// GET /numbers: PSTN numbers, oldest first. GET /numbers/{number_id}: any number of the tenant.
#include "api/page.hpp"
#include "api/shown_number.hpp"

namespace boni::api {
namespace {

Task<Result<Answer>> list(Asked& asked) {
    CO_TRY(auto const limit, limit_of(asked.request, 20));
    CO_TRY(auto const after, cursor_of(asked, {}));
    CO_TRY(auto numbers, co_await asked.services.store.numbers(asked.tenant.id));
    std::erase_if(numbers, [](model::Number const& number) { return number.type != model::NumberType::indian_business_number; });
    auto const page = page_of(std::move(numbers), Order::oldest_first, after, limit);
    json::array rows;
    for (auto const& number : page.rows) rows.push_back(shown(number, asked.tenant));
    co_return page_answer(asked, std::move(rows), page.next, {});
}

Task<Result<Answer>> get(Asked& asked) {
    CO_TRY(auto const number, co_await asked.services.store.number(asked.tenant.id, NumberId::from(asked.param("number_id"))));
    co_return Answer{.body = shown(number, asked.tenant)};
}

constexpr Operation operations[] = {
    {"GET", "/numbers", model::Scope::read, ExtraBucket::lists, check_page, list},
    {"GET", "/numbers/{number_id}", model::Scope::read, ExtraBucket::none, nullptr, get},
};

}  // namespace

extern Resource const numbers_resource{operations};

}  // namespace boni::api
