// GET /whatsapp-calling/numbers, POST …/{whatsapp_number_id}/enable: calling on WhatsApp numbers. A request is stored and waits for the
// operator, who verifies it with Meta; until then nothing is live and nothing says so (whatsapp-calling 2, api-semantics 8).
#include "api/body.hpp"
#include "api/page.hpp"
#include "api/route_body.hpp"
#include "api/shown_number.hpp"
#include "call/action.hpp"
#include "model/phone.hpp"

namespace boni::api {
namespace {

json::object shown_with_calling(store::WhatsAppNumber const& known, model::Tenant const& tenant) {
    auto out = api::shown(known.number, tenant);
    out["whatsapp"] = model::to_json(known.calling);
    return out;
}

Task<Result<Answer>> list_whatsapp_numbers(Asked& asked) {
    CO_TRY(auto const limit, limit_of(asked.request, 20));
    CO_TRY(auto const after, cursor_of(asked, {}));
    CO_TRY(auto const known, co_await asked.services.store.whatsapp_numbers(asked.tenant.id));
    std::vector<model::Number> numbers;
    for (auto const& one : known) numbers.push_back(one.number);
    auto const page = page_of(std::move(numbers), Order::oldest_first, after, limit);
    json::array rows;
    for (auto const& number : page.rows) {
        auto const whole = std::ranges::find(known, number.id, [](store::WhatsAppNumber const& one) { return one.number.id; });
        rows.push_back(shown_with_calling(*whole, asked.tenant));
    }
    co_return page_answer(asked, std::move(rows), page.next, {});
}

Result<> check_enable(Asked const& asked) {
    CHECK_OK(check_text(asked.body, "phoneNumberId", Presence::required));
    for (auto const name : {"wabaId", "businessPhoneNumber", "bowChatInboxId"}) CHECK_OK(check_text(asked.body, name, Presence::optional));
    for (auto const name : {"defaultRoute", "metadata"}) CHECK_OK(check_object(asked.body, name, Presence::optional));
    auto const* const route = json::object_at(asked.body, "defaultRoute");
    auto checked = route ? check_route(*route, asked) : Result<>{};
    if (!checked) checked.error().field = "defaultRoute." + checked.error().field;
    return checked;
}

Result<> read_ids(json::object const& body, model::WhatsAppCalling& calling) {
    using Field = std::pair<std::string_view, std::string*>;
    for (auto const& [name, into] : {Field{"phoneNumberId", &calling.phone_number_id}, Field{"wabaId", &calling.waba_id},
                                     Field{"bowChatInboxId", &calling.bow_chat_inbox_id}}) {
        auto const text = json::text(body, name);
        if (!text) continue;
        if (text->empty()) return refused(std::string{name}, std::string{name} + " is empty", "invalid_value");
        if (text->size() > call::id_bytes_max)
            return refused(std::string{name}, std::string{name} + " has at most 256 bytes", "limit_exceeded");
        *into = *text;
    }
    auto const phone = json::text(body, "businessPhoneNumber");
    if (!phone) return {};
    auto const number = model::phone_number(*phone);
    if (!number)
        return refused("businessPhoneNumber", "businessPhoneNumber must be + and 7 to 15 digits, or an Indian number", "invalid_value");
    calling.business_phone_number = *number;
    return {};
}

/// A route as it will be saved once calling is active; it has no number yet.
Task<Result<json::object>> read_default_route(json::object body, Asked& asked) {
    auto route = co_await read_route(std::move(body), asked, model::Channel::whatsapp_calling);
    if (!route && route.error().code == Errc::invalid) route.error().field = "defaultRoute." + route.error().field;
    if (!route) co_return std::unexpected(route.error());
    auto out = model::to_json(*route);
    for (auto const name : {"id", "numberId", "status", "createdAt", "updatedAt"}) out.erase(name);
    co_return out;
}

/// What the request names replaces what was saved; the rest stays.
Result<> read_calling(json::object const& body, model::WhatsAppCalling& calling) {
    CHECK_OK(read_ids(body, calling));
    auto const* const metadata = json::object_at(body, "metadata");
    if (!metadata) return {};
    CHECK_OK(check_metadata(*metadata, "metadata"));
    calling.metadata = *metadata;
    return {};
}

/// What is active with the same Meta id stays active; everything else waits for the operator. Pure: it works in the transaction that writes.
Result<> asked_for(json::object const& body, std::optional<json::object> const& route, Instant now, model::WhatsAppCalling& calling) {
    auto const before = calling.phone_number_id;
    CHECK_OK(read_calling(body, calling));
    if (route) calling.default_route = *route;
    if (calling.phone_number_id != before || calling.status != model::CallingStatus::active) {
        calling.status = model::CallingStatus::pending;
        calling.reason.clear();
    }
    calling.updated_at = now;
    return {};
}

Task<Result<Answer>> enable(Asked& asked) {
    auto& store = asked.services.store;
    auto const id = NumberId::from(asked.param("whatsapp_number_id"));
    CO_CHECK_OK(co_await store.whatsapp_number(asked.tenant.id, id));
    if (!asked.tenant.feature("whatsapp_calling")) co_return call::feature_off("WhatsApp Calling", "whatsapp_calling");
    std::optional<json::object> route;
    if (auto const* const wish = json::object_at(asked.body, "defaultRoute")) {
        CO_TRY(route, co_await read_default_route(*wish, asked));
    }
    // Looking up its addresses may have taken seconds: what the operator did meanwhile counts.
    auto work = [body = asked.body, route = std::move(route), now = asked.now, tenant = asked.tenant,
                 key = asked.key](store::WhatsAppChange& change) -> Result<> {
        CHECK_OK(asked_for(body, route, now, change.known.calling));
        if (key) change.finished = store::FinishedRequest{*key, {202, json::serialize(shown_with_calling(change.known, tenant))}};
        return {};
    };
    CO_TRY(auto const changed, co_await store.change_whatsapp(asked.tenant.id, id, std::move(work)));
    co_return Answer{.status = 202, .body = shown_with_calling(changed.known, asked.tenant), .stored = true};
}

constexpr Operation whatsapp_operations[] = {
    {"GET", "/whatsapp-calling/numbers", model::Scope::read, ExtraBucket::lists, check_page, list_whatsapp_numbers},
    {"POST", "/whatsapp-calling/numbers/{whatsapp_number_id}/enable", model::Scope::write, ExtraBucket::none, check_enable, enable},
};

}  // namespace

extern Resource const whatsapp_numbers_resource{whatsapp_operations};

}  // namespace boni::api
