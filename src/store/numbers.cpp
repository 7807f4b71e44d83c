#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/outbox.hpp"
#include "store/page.hpp"
#include "store/references.hpp"
#include "store/requests.hpp"

namespace boni::store {

namespace {

/// A number tied to a trunk that is not there is reached by nobody. One that was tied before is left as it is.
Result<> trunk_is_there(Session& db, model::Number const& number) {
    if (number.trunk.empty() || db.one<int>("SELECT 1 FROM trunks WHERE name = :name", number.trunk)) return {};
    if (db.one<int>("SELECT 1 FROM numbers WHERE id = :id AND trunk = :trunk", number.id, number.trunk)) return {};
    return fail(Errc::invalid, "no trunk is called " + number.trunk, "trunk", "unknown_reference");
}

/// As it is written and read again: 1.0 is 1 then.
std::string content(model::Route const& route) {
    auto out = model::to_json(route);
    for (auto const name : {"id", "numberId", "status", "createdAt", "updatedAt"}) out.erase(name);
    return json::canonical(out);
}
bool same_content(model::Route const& a, model::Route const& b) { return content(a) == content(b); }

/// A known route keeps its id and the operator's off-switch; an equal one keeps its time too (api-semantics 5).
model::Route continued(model::Route const& known, model::Route next) {
    next.id = known.id;
    next.created_at = known.created_at;
    if (same_content(known, next)) next.updated_at = known.updated_at;
    if (known.status == model::RouteStatus::disabled) next.status = model::RouteStatus::disabled;
    return next;
}

}  // namespace

Task<Result<>> Store::create_number(model::Number number, std::optional<model::Event> event, Audit audit) {
    return database_->write(audited(std::move(audit), [number = std::move(number), event = std::move(event)](Session& db) -> Result<> {
        static auto const insert = insert_into<model::Number>("numbers");
        if (db.one<int>("SELECT 1 FROM numbers WHERE phone_number = :number", number.phone_number))
            return fail(Errc::conflict, "the number exists already", "phoneNumber", "duplicate_number");
        CHECK_OK(trunk_is_there(db, number));
        db.run_cells(insert, cells_for(number));
        if (event) add_event(db, *event, {});
        return {};
    }));
}

Task<Result<>> Store::update_number(model::Number number, std::optional<model::Event> event, Audit audit) {
    return database_->write(audited(std::move(audit), [number = std::move(number), event = std::move(event)](Session& db) -> Result<> {
        static auto const upsert = upsert_into<model::Number>("numbers", "id", {"created_at", "route_status"});
        if (!db.one<int>("SELECT 1 FROM numbers WHERE id = :id", number.id)) return fail(Errc::not_found, "no such number");
        if (db.one<int>("SELECT 1 FROM numbers WHERE phone_number = :number AND id <> :id", number.phone_number, number.id))
            return fail(Errc::conflict, "the number exists already", "phoneNumber", "duplicate_number");
        CHECK_OK(trunk_is_there(db, number));
        db.run_cells(upsert, cells_for(number));
        if (event) add_event(db, *event, {});
        return {};
    }));
}

Task<Result<model::Number>> Store::number(TenantId tenant, NumberId id) {
    return database_->look([tenant, id](Session& db) {
        static auto const select = select_from<model::Number>("numbers WHERE id = :id AND tenant_id = :tenant");
        return found(db.one<model::Number>(select, id, tenant), "number");
    });
}

Task<Result<std::vector<model::Number>>> Store::numbers(TenantId tenant) {
    return database_->read([tenant](Session& db) -> Result<std::vector<model::Number>> {
        if (tenant.empty()) return db.all_from<model::Number>("numbers ORDER BY created_at, id");
        return db.all_from<model::Number>("numbers WHERE tenant_id = :tenant ORDER BY created_at, id", tenant);
    });
}

Task<Result<std::vector<model::Number>>> Store::number_page(NumberFilter filter) {
    return database_->read([filter = std::move(filter)](Session& db) -> Result<std::vector<model::Number>> {
        Page page{select_from<model::Number>("numbers")};
        if (!filter.tenant.empty()) page.where("tenant_id = :tenant", filter.tenant);
        if (filter.type) page.where("type = :type", *filter.type);
        return page.read<model::Number>(db, "created_at", filter.after, filter.limit, Order::oldest_first);
    });
}

Task<Result<std::optional<Inbound>>> Store::inbound(std::vector<std::string> candidates) {
    return database_->look_together([candidates = std::move(candidates)](Session& db) -> Result<std::optional<Inbound>> {
        static auto const number_called = select_from<model::Number>("numbers WHERE phone_number = :number AND status = 'assigned' "
                                                                     "AND type = 'indian_business_number'");
        static auto const tenant_of = select_from<model::Tenant>("tenants WHERE id = :id");
        static auto const route_of = select_from<model::Route>("routes WHERE number_id = :number");
        for (auto const& candidate : candidates) {
            auto number = db.one<model::Number>(number_called, candidate);
            if (!number) continue;
            auto tenant = db.one<model::Tenant>(tenant_of, number->tenant);
            if (!tenant) continue;
            auto route = db.one<model::Route>(route_of, number->id);
            return Inbound{*std::move(tenant), *std::move(number), std::move(route)};
        }
        return std::nullopt;
    });
}

Task<Result<std::optional<model::Route>>> Store::route(TenantId tenant, NumberId number) {
    return database_->look([tenant, number](Session& db) -> Result<std::optional<model::Route>> {
        return db.one_from<model::Route>("routes WHERE number_id = :number AND tenant_id = :tenant", number, tenant);
    });
}

/// What was known of the number's route is read here, in the transaction that writes: two saves at once are one route, and the operator's switch stays.
Task<Result<model::Route>> Store::save_route(model::Route route, SavedRoute finished) {
    return database_->write([route = std::move(route), finished = std::move(finished)](Session& db) -> Result<model::Route> {
        static auto const upsert = upsert_into<model::Route>("routes", "number_id", {"id", "created_at"});
        if (!db.one<int>("SELECT 1 FROM numbers WHERE id = :id AND tenant_id = :tenant", route.number, route.tenant))
            return fail(Errc::not_found, "no such number");
        CHECK_OK(endpoint_is_there(db, route.tenant, route.webhook_endpoint(), "events.webhookEndpointId"));
        CHECK_OK(teams_are_there(db, route.tenant, route.primary, route.fallback));
        auto const known = db.one_from<model::Route>("routes WHERE number_id = :number", route.number);
        auto const saved = known ? continued(*known, route) : route;
        if (!known || !same_content(*known, saved) || known->status != saved.status) {
            db.run_cells(upsert, cells_for(saved));
            db.run("UPDATE numbers SET route_status = 'configured' WHERE id = :id", saved.number);
        } else if (saved.status == model::RouteStatus::disabled) {
            db.run("UPDATE numbers SET route_status = 'configured' WHERE id = :id AND route_status = 'failing'", saved.number);   // its row does not tell
        }
        auto const request = finished ? finished(saved) : std::nullopt;
        if (request) finish(db, *request, route.updated_at);
        return saved;
    });
}

/// A disabled route stays disabled: health says how calls fare, the customer says whether there are any.
Task<Result<>> Store::set_route_health(NumberId number, model::RouteHealth health) {
    return database_->write([number, health](Session& db) -> Result<> {
        if (db.run("UPDATE numbers SET route_status = :health WHERE id = :id", health, number) == 0)
            return fail(Errc::not_found, "no such number");
        auto const status = health == model::RouteHealth::failing ? model::RouteStatus::failing : model::RouteStatus::active;
        db.run("UPDATE routes SET status = :status WHERE number_id = :id AND status <> 'disabled'", status, number);
        return {};
    });
}

Task<Result<>> Store::switch_route(NumberId number, bool on, Audit audit) {
    return database_->write(audited(std::move(audit), [number, on](Session& db) -> Result<> {
        if (!db.one<int>("SELECT 1 FROM routes WHERE number_id = :id", number)) return fail(Errc::not_found, "this number has no route");
        if (on) db.run("UPDATE routes SET status = CASE (SELECT route_status FROM numbers WHERE id = :id) WHEN 'failing' THEN 'failing' ELSE 'active' END "
                       "WHERE number_id = :number AND status = 'disabled'", number, number);
        else db.run("UPDATE routes SET status = 'disabled' WHERE number_id = :id", number);
        return {};
    }));
}

}  // namespace boni::store
