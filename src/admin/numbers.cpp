// Numbers: given to a tenant, labelled, activated, suspended. Customers are told by number.activated and number.suspended.
#include "admin/operation.hpp"
#include "sip/normalise.hpp"

namespace boni::admin {
namespace {

using model::ActivationStatus;
using model::NumberStatus;

json::object shown(model::Number const& number) {
    json::object out{{"id", number.id.str()}, {"tenantId", number.tenant.str()}, {"phoneNumber", number.phone_number}, {"label", number.label},
                     {"status", name(number.status)}, {"activationStatus", name(number.activation)}, {"routeStatus", name(number.route_status)},
                     {"type", name(number.type)}, {"createdAt", rfc3339(number.created_at)}};
    if (!number.trunk.empty()) out["trunk"] = number.trunk;
    return out;
}

Result<> read_number(json::object const& body, model::Number& number) {
    TRY(auto const label, text_of(body, "label", 200));
    TRY(auto const status, word_of<NumberStatus>(body, "status"));
    TRY(auto const activation, word_of<ActivationStatus>(body, "activationStatus"));
    TRY(auto const trunk, text_of(body, "trunk", 64));
    if (label) number.label = *label;
    if (status) number.status = *status;
    if (activation) number.activation = *activation;
    if (trunk) number.trunk = *trunk;
    return {};
}

/// Of a number that leaves `assigned`; the operator says why.
Result<std::string> reason_of(json::object const& body) {
    TRY(auto const reason, text_of(body, "reason", 20));
    if (!reason) return std::string{"operator"};
    for (auto const known : {"operator", "kyc", "payment", "abuse"})
        if (*reason == known) return *reason;
    return wrong("reason", "must be one of operator, kyc, payment, abuse");
}

/// Of one tenant, or of all when that is empty.
Task<Result<Answer>> page_of_numbers(Asked& asked, TenantId tenant) {
    auto const read = [&](store::PageAfter after, std::size_t most) {
        return asked.services.store.number_page({.tenant = tenant, .after = std::move(after), .limit = most});
    };
    co_return co_await page_of_many(asked, read, [](auto const& number) { return shown(number); });
}

Task<Result<Answer>> everybodys_numbers(Asked& asked) { co_return co_await page_of_numbers(asked, {}); }

Task<Result<Answer>> list_numbers(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    co_return co_await page_of_numbers(asked, tenant.id);
}

/// Assigned and live unless the body says otherwise: most are ported in and work at once.
Task<Result<Answer>> create_number(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    auto const& body = asked.body;
    CO_CHECK_OK(only(body, {"phoneNumber", "label", "status", "activationStatus", "trunk", "type"}));
    CO_TRY(auto const phone, phone_of(body));
    CO_TRY(auto const type, word_of<model::NumberType>(body, "type"));
    model::Number number{.id = NumberId::fresh(asked.now), .tenant = tenant.id, .phone_number = phone, .activation = ActivationStatus::live,
                         .type = type.value_or(model::NumberType::indian_business_number), .created_at = asked.now};
    CO_CHECK_OK(read_number(body, number));
    model::Number before;
    before.status = NumberStatus::available;
    auto const event = number_event(before, number, "operator", asked.now);
    CO_CHECK_OK(co_await asked.services.store.create_number(number, event, asked.entry(number.id.str())));
    tell(asked, event);
    co_return Answer{201, shown(number)};
}

Task<Result<Answer>> change_number(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto number, co_await number_of(asked, tenant.id));
    CO_CHECK_OK(only(asked.body, {"label", "status", "activationStatus", "trunk", "reason"}));
    auto const before = number;
    CO_CHECK_OK(read_number(asked.body, number));
    CO_TRY(auto const reason, reason_of(asked.body));
    auto const event = number_event(before, number, reason, asked.now);
    CO_CHECK_OK(co_await asked.services.store.update_number(number, event, asked.entry(number.id.str())));
    tell(asked, event);
    co_return Answer{.body = shown(number)};
}

}  // namespace

Task<Result<model::Number>> number_of(Asked& asked, TenantId tenant) {
    auto const word = asked.param("number");
    CO_TRY(auto const numbers, co_await asked.services.store.numbers(tenant));
    for (auto const& number : numbers)
        if (number.id.str() == word || number.phone_number == word) co_return number;
    co_return fail(Errc::not_found, "no such number", {}, "not_found");
}

std::optional<model::Event> number_event(model::Number const& before, model::Number const& after, std::string const& reason, Instant now) {
    json::object data{{"numberId", after.id.str()}, {"phoneNumber", after.phone_number}};
    if (before.status == NumberStatus::assigned && (after.status == NumberStatus::disabled || after.status == NumberStatus::quarantine)) {
        data["status"] = name(after.status);
        data["reason"] = reason;
        return model::make_event(after.tenant, "number.suspended", std::move(data), now);
    }
    if (before.activation != ActivationStatus::live && after.activation == ActivationStatus::live) {
        data["type"] = name(after.type);
        data["previousActivationStatus"] = name(before.activation);
        return model::make_event(after.tenant, "number.activated", std::move(data), now);
    }
    return std::nullopt;
}

void tell(Asked const& asked, std::optional<model::Event> const& event) {
    if (event && asked.services.on_event) asked.services.on_event(*event);
}

Result<std::string> phone_of(json::object const& body) {
    TRY(auto const phone, text_of(body, "phoneNumber", 20));
    auto const party = sip::party_of(phone.value_or(""));
    if (!phone || !party.e164 || party.value != *phone) return wrong("phoneNumber", "must be an E.164 number, e.g. +918040000001");
    return *phone;
}

std::span<Operation const> number_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/numbers", everybodys_numbers, page_parameters},
        {"GET", "/v1/tenants/{tenant}/numbers", list_numbers, page_parameters},
        {"POST", "/v1/tenants/{tenant}/numbers", create_number},
        {"PATCH", "/v1/tenants/{tenant}/numbers/{number}", change_number},
    };
    return operations;
}

}  // namespace boni::admin
