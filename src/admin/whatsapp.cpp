// WhatsApp numbers: what tenants asked for, and what the operator found when comparing it with Meta (whatsapp-calling 2).
#include "admin/operation.hpp"

namespace boni::admin {
namespace {

using model::CallingStatus;

/// The operator sees Meta's ids whole.
json::object shown(store::WhatsAppNumber const& known) {
    auto const& [number, calling] = known;
    json::object out{{"id", number.id.str()}, {"tenantId", number.tenant.str()}, {"phoneNumber", number.phone_number},
                     {"callingStatus", name(calling.status)}, {"consentStatus", name(calling.consent)}};
    auto const add = [&](std::string_view name, std::string const& text) { if (!text.empty()) out[name] = text; };
    add("phoneNumberId", calling.phone_number_id);
    add("wabaId", calling.waba_id);
    add("businessPhoneNumber", calling.business_phone_number);
    add("bowChatInboxId", calling.bow_chat_inbox_id);
    add("reason", calling.reason);
    if (calling.default_route) out["defaultRoute"] = *calling.default_route;
    if (calling.metadata) out["metadata"] = *calling.metadata;
    if (calling.checked_at) out["lastHealthCheckAt"] = rfc3339(*calling.checked_at);
    return out;
}

Task<Result<Answer>> list_whatsapp_numbers(Asked& asked) {
    auto const read = [&](store::PageAfter after, std::size_t most) { return asked.services.store.whatsapp_page(std::move(after), most); };
    auto const position = [](store::WhatsAppNumber const& known) { return api::ByCreation{}(known.number); };
    co_return co_await page_of_many(asked, read, [](auto const& known) { return shown(known); }, position);
}

/// The number of the path's {number}: an id or the phone number itself.
Task<Result<store::WhatsAppNumber>> whatsapp_number_of(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    auto const word = asked.param("number");
    CO_TRY(auto const numbers, co_await asked.services.store.whatsapp_numbers(tenant.id));
    for (auto const& known : numbers)
        if (known.number.id.str() == word || known.number.phone_number == word) co_return known;
    co_return fail(Errc::not_found, "no such WhatsApp number", {}, "not_found");
}

Result<> read_calling(json::object const& body, model::WhatsAppCalling& calling) {
    CHECK_OK(only(body, {"callingStatus", "consentStatus", "reason"}));
    TRY(auto const status, word_of<CallingStatus>(body, "callingStatus"));
    TRY(auto const consent, word_of<model::ConsentStatus>(body, "consentStatus"));
    TRY(auto const reason, text_of(body, "reason"));
    if (status == CallingStatus::not_enabled || status == CallingStatus::pending)
        return wrong("callingStatus", "must be active, failing or disabled: the rest is the tenant's");
    if (status && calling.status == CallingStatus::not_enabled)
        return fail(Errc::conflict, "the tenant has not asked for calling on this number", "callingStatus", "invalid_transition");
    if (status) calling.status = *status;
    if (consent) calling.consent = *consent;
    if (status || reason) calling.reason = reason.value_or("");   // it is the reason of a status
    return {};
}

/// What the tenant wished for when it asked, as a route of the number.
model::Route route_of(model::WhatsAppCalling const& calling, Instant now) {
    auto const& wish = *calling.default_route;
    auto const part = [&](std::string_view name) {
        auto const* const found = json::object_at(wish, name);
        return found ? std::optional{*found} : std::nullopt;
    };
    model::Route route{.id = RouteId::fresh(now), .number = calling.number, .tenant = calling.tenant,
                       .primary = model::target_from(*json::object_at(wish, "primary")), .events = part("events"), .recording = part("recording"),
                       .metadata = part("metadata"), .created_at = now, .updated_at = now};
    if (auto const* const fallback = json::array_at(wish, "fallback"))
        for (auto const& target : *fallback) route.fallback.push_back(model::target_from(target.as_object()));
    return route;
}

/// Pure: it works in the transaction that writes.
Result<> verified(json::object const& body, Instant now, store::WhatsAppChange& change) {
    auto& calling = change.known.calling;
    auto const before = calling.status;
    CHECK_OK(read_calling(body, calling));
    calling.checked_at = calling.updated_at = now;
    if (calling.status != CallingStatus::active || before == CallingStatus::active) return {};
    if (calling.consent == model::ConsentStatus::unknown) calling.consent = model::ConsentStatus::not_required;   // it takes calls only
    change.event = model::make_event(calling.tenant, "whatsapp_calling.enabled",
                                     {{"numberId", calling.number.str()}, {"callingStatus", name(calling.status)},
                                      {"consentStatus", name(calling.consent)}},
                                     now);
    if (calling.default_route) change.route = route_of(calling, now);
    return {};
}

/// What the tenant asks for meanwhile is before it or after it, and never lost.
Task<Result<Answer>> verify(Asked& asked) {
    CO_TRY(auto const known, co_await whatsapp_number_of(asked));
    auto const& number = known.number;
    auto work = [body = asked.body, now = asked.now](store::WhatsAppChange& change) { return verified(body, now, change); };
    CO_TRY(auto const changed, co_await asked.services.store.change_whatsapp(number.tenant, number.id, std::move(work),
                                                                             asked.entry(number.id.str())));
    tell(asked, changed.event);
    co_return Answer{.body = shown(changed.known)};
}

}  // namespace

std::span<Operation const> whatsapp_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/whatsapp-numbers", list_whatsapp_numbers, page_parameters},
        {"PATCH", "/v1/tenants/{tenant}/whatsapp-numbers/{number}", verify},
    };
    return operations;
}

}  // namespace boni::admin
