// Requests for numbers: the operator checks who asks, decides, and fulfils with a number; that is when the customer hears of it.
#include <algorithm>

#include "admin/operation.hpp"

namespace boni::admin {
namespace {

using model::NumberRequestStatus;

json::object shown(model::NumberRequest const& request) {
    json::object out{{"id", request.id.str()}, {"tenantId", request.tenant.str()}, {"status", name(request.status)},
                     {"useCase", request.use_case}, {"createdAt", rfc3339(request.created_at)}, {"updatedAt", rfc3339(request.updated_at)}};
    if (!request.preferred_city.empty()) out["preferredCity"] = request.preferred_city;
    if (!request.fallback_phone_number.empty()) out["fallbackPhoneNumber"] = request.fallback_phone_number;
    if (request.metadata) out["metadata"] = *request.metadata;
    if (!request.number.empty()) out["numberId"] = request.number.str();
    if (!request.note.empty()) out["note"] = request.note;
    return out;
}

/// Of one tenant, or of all when that is empty.
Task<Result<Answer>> page_of_requests(Asked& asked, TenantId tenant) {
    auto const read = [&](store::PageAfter after, std::size_t most) {
        return asked.services.store.number_requests({.tenant = tenant, .after = std::move(after), .limit = most});
    };
    co_return co_await page_of_many(asked, read, [](auto const& request) { return shown(request); });
}

Task<Result<Answer>> everybodys_requests(Asked& asked) { co_return co_await page_of_requests(asked, {}); }

Task<Result<Answer>> list_requests(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    co_return co_await page_of_requests(asked, tenant.id);
}

Task<Result<model::NumberRequest>> request_of(Asked& asked) {
    co_return co_await asked.services.store.number_request(NumberRequestId::from(asked.param("request")));
}

/// The number that fulfils it is assigned and live at once: a new one, or one that was kept ready for the tenant.
Task<Result<>> fulfil(Asked& asked, TenantId tenant, store::NumberRequestMove& step) {
    CO_TRY(auto const phone, phone_of(asked.body));
    CO_TRY(auto const label, text_of(asked.body, "label", 200));
    CO_TRY(auto const numbers, co_await asked.services.store.numbers(tenant));
    auto const known = std::ranges::find(numbers, phone, &model::Number::phone_number);
    if (known != numbers.end() && known->type != model::NumberType::indian_business_number) co_return wrong("phoneNumber", "is a WhatsApp number");
    model::Number const fresh{.id = NumberId::fresh(asked.now), .tenant = tenant, .phone_number = phone, .status = model::NumberStatus::available,
                              .created_at = asked.now};
    auto const& before = known == numbers.end() ? fresh : *known;
    auto& number = step.number.emplace(before);
    number.status = model::NumberStatus::assigned;
    number.activation = model::ActivationStatus::live;
    if (label) number.label = *label;
    step.event = number_event(before, number, "operator", asked.now);
    co_return Result<>{};
}

Task<Result<Answer>> move(Asked& asked) {
    CO_TRY(auto const request, co_await request_of(asked));
    auto const& body = asked.body;
    CO_CHECK_OK(only(body, {"status", "note", "phoneNumber", "label"}));
    CO_TRY(auto const status, word_of<NumberRequestStatus>(body, "status"));
    if (!status) co_return wrong("status", "is required");
    CO_TRY(auto const note, text_of(body, "note", 1000));
    store::NumberRequestMove step{.id = request.id, .to = *status, .note = note.value_or(""), .now = asked.now};
    if (*status == NumberRequestStatus::fulfilled) {
        CO_CHECK_OK(co_await fulfil(asked, request.tenant, step));
    } else if (json::find(body, "phoneNumber") || json::find(body, "label")) {
        co_return wrong("phoneNumber", "belongs to the status fulfilled");
    }
    asked.tenant = request.tenant;
    step.audit = asked.entry(request.id.str());
    CO_TRY(auto const moved, co_await asked.services.store.move_number_request(step));
    tell(asked, step.event);
    co_return Answer{.body = shown(moved)};
}

}  // namespace

std::span<Operation const> number_request_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/number-requests", everybodys_requests, page_parameters},
        {"GET", "/v1/tenants/{tenant}/number-requests", list_requests, page_parameters},
        {"PATCH", "/v1/number-requests/{request}", move},
    };
    return operations;
}

}  // namespace boni::admin
