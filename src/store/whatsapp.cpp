#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/outbox.hpp"
#include "store/page.hpp"
#include "store/references.hpp"
#include "store/requests.hpp"

namespace boni::store {

namespace {

using Calling = model::WhatsAppCalling;

std::optional<Calling> calling_of(Session& db, NumberId const& number) {
    return db.one_from<Calling>("whatsapp_calling WHERE number_id = :number", number);
}

WhatsAppNumber joined(Session& db, model::Number number) {
    auto calling = calling_of(db, number.id);
    if (!calling) calling = Calling{.number = number.id, .tenant = number.tenant};
    return {std::move(number), *std::move(calling)};
}

std::vector<WhatsAppNumber> joined(Session& db, std::vector<model::Number> numbers) {
    std::vector<WhatsAppNumber> out;
    for (auto& number : numbers) out.push_back(joined(db, std::move(number)));
    return out;
}

Result<WhatsAppNumber> found(Session& db, TenantId const& tenant, NumberId const& id) {
    static auto const select = select_from<model::Number>("numbers WHERE type = 'whatsapp_calling' AND id = :id AND tenant_id = :tenant");
    TRY(auto number, store::found(db.one<model::Number>(select, id, tenant), "WhatsApp number"));
    return joined(db, std::move(number));
}

void put(Session& db, Calling const& calling) {
    static auto const upsert = upsert_into<Calling>("whatsapp_calling", "number_id", {});
    db.run_cells(upsert, cells_for(calling));
}

EndpointId endpoint_of(Calling const& calling) {
    auto const* const events = calling.default_route ? json::object_at(*calling.default_route, "events") : nullptr;
    return events ? EndpointId::from(json::text_or_empty(*events, "webhookEndpointId")) : EndpointId{};
}

Result<> wish_is_there(Session& db, Calling const& calling) {
    CHECK_OK(endpoint_is_there(db, calling.tenant, endpoint_of(calling), "defaultRoute.events.webhookEndpointId"));
    if (!calling.default_route) return {};
    auto const* const primary = json::object_at(*calling.default_route, "primary");
    std::vector<model::Target> fallback;
    if (auto const* const rest = json::array_at(*calling.default_route, "fallback"))
        for (auto const& target : *rest) fallback.push_back(model::target_from(target.as_object()));
    return teams_are_there(db, calling.tenant, primary ? model::target_from(*primary) : model::Target{}, fallback, "defaultRoute.");
}

/// The route a tenant wished for when it asked; one that it saved meanwhile is newer.
void give_route(Session& db, model::Route const& route) {
    static auto const insert = insert_into<model::Route>("routes") + " ON CONFLICT (number_id) DO NOTHING";
    if (db.run_cells(insert, cells_for(route)) > 0)
        db.run("UPDATE numbers SET route_status = 'configured' WHERE id = :id", route.number);
}

}  // namespace

Task<Result<WhatsAppNumber>> Store::whatsapp_number(TenantId tenant, NumberId id) {
    return database_->read([tenant, id](Session& db) { return found(db, tenant, id); });
}

Task<Result<std::vector<WhatsAppNumber>>> Store::whatsapp_numbers(TenantId tenant) {
    return database_->read([tenant](Session& db) -> Result<std::vector<WhatsAppNumber>> {
        static auto const select = select_from<model::Number>("numbers WHERE type = 'whatsapp_calling' AND tenant_id = :tenant ORDER BY created_at, id");
        return joined(db, db.all<model::Number>(select, tenant));
    });
}

Task<Result<std::vector<WhatsAppNumber>>> Store::whatsapp_page(PageAfter after, std::size_t limit) {
    return database_->read([after = std::move(after), limit](Session& db) -> Result<std::vector<WhatsAppNumber>> {
        Page page{select_from<model::Number>("numbers")};
        page.where("type = :type", model::NumberType::whatsapp_calling);
        return joined(db, page.read<model::Number>(db, "created_at", after, limit, Order::oldest_first));
    });
}

Task<Result<WhatsAppChange>> Store::change_whatsapp(TenantId tenant, NumberId id, std::function<Result<>(WhatsAppChange&)> work, Audit audit) {
    return database_->write(audited(std::move(audit), [tenant, id, work = std::move(work)](Session& db) -> Result<WhatsAppChange> {
        TRY(auto known, found(db, tenant, id));
        WhatsAppChange change{.known = std::move(known)};
        auto& calling = change.known.calling;
        auto const verifying = calling.status == model::CallingStatus::pending ? std::optional{calling.phone_number_id} : std::nullopt;
        auto const wished = calling.default_route;
        CHECK_OK(work(change));
        if (verifying && *verifying != calling.phone_number_id)
            return fail(Errc::conflict, "another WhatsApp phone number id of this number is being verified", "phoneNumberId", "permission_pending");
        if (calling.default_route != wished) CHECK_OK(wish_is_there(db, calling));   // what was there before is no fault of this change
        put(db, calling);
        if (change.route) give_route(db, *change.route);
        if (change.event) add_event(db, *change.event, {});
        if (change.finished) finish(db, *change.finished, calling.updated_at);
        return change;
    }));
}

}  // namespace boni::store
