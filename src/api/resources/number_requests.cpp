// POST /number-requests: asks the operator for a further number; KYC and the number itself are the operator's (api-semantics 4 and 7).
#include "api/body.hpp"
#include "api/resource.hpp"
#include "model/phone.hpp"

namespace boni::api {
namespace {

constexpr std::size_t use_case_bytes_max = 4096, city_bytes_max = 256;

Result<> check_request(Asked const& asked) {
    CHECK_OK(check_text(asked.body, "useCase", Presence::required));
    for (auto const name : {"preferredCity", "fallbackPhoneNumber"}) CHECK_OK(check_text(asked.body, name, Presence::optional));
    return check_object(asked.body, "metadata", Presence::optional);
}

/// The plan comes before the body's meaning; the store asks again, in the transaction that inserts.
Task<Result<>> check_numbers_left(Asked& asked) {
    CO_TRY(auto const numbers, co_await asked.services.store.numbers(asked.tenant.id));
    auto const held = std::ranges::count(numbers, model::NumberType::indian_business_number, &model::Number::type);
    if (double(held) >= asked.tenant.limit("numbers"))
        co_return fail(Errc::forbidden, "the plan's number of numbers is reached", {}, "plan_limit_reached");
    co_return Result<>{};
}

Result<model::NumberRequest> read_request(Asked const& asked) {
    auto const text = [&](std::string_view name) { return json::text_or_empty(asked.body, name); };
    model::NumberRequest request{.tenant = asked.tenant.id, .use_case = text("useCase"), .preferred_city = text("preferredCity")};
    if (request.use_case.empty()) return refused("useCase", "useCase is empty", "invalid_value");
    if (request.use_case.size() > use_case_bytes_max) return refused("useCase", "useCase has at most 4 KiB", "limit_exceeded");
    if (request.preferred_city.size() > city_bytes_max)
        return refused("preferredCity", "preferredCity has at most 256 bytes", "limit_exceeded");
    if (json::find(asked.body, "fallbackPhoneNumber")) {
        auto const phone = model::phone_number(text("fallbackPhoneNumber"));
        if (!phone)
            return refused("fallbackPhoneNumber", "fallbackPhoneNumber must be + and 7 to 15 digits, or an Indian number", "invalid_value");
        request.fallback_phone_number = *phone;
    }
    if (auto const* const metadata = json::object_at(asked.body, "metadata")) {
        CHECK_OK(check_metadata(*metadata, "metadata"));
        request.metadata = *metadata;
    }
    return request;
}

Task<Result<Answer>> create_request(Asked& asked) {
    CO_CHECK_OK(co_await check_numbers_left(asked));
    CO_TRY(auto request, read_request(asked));
    request.id = NumberRequestId::fresh(asked.now);
    request.created_at = request.updated_at = asked.now;
    json::value const body = model::to_json(request);
    auto const most = std::size_t(asked.tenant.limit("numbers"));
    CO_CHECK_OK(co_await asked.services.store.create_number_request(std::move(request), most, finished(asked, 201, &body)));
    co_return Answer{.status = 201, .body = body, .stored = true};
}

constexpr Operation request_operations[] = {{"POST", "/number-requests", model::Scope::write, ExtraBucket::none, check_request, create_request}};

}  // namespace

extern Resource const number_requests_resource{request_operations};

}  // namespace boni::api
