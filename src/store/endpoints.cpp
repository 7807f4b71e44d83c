#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/requests.hpp"
#include "store/switch_off.hpp"

namespace boni::store {

namespace {

using Endpoint = model::WebhookEndpoint;

/// What was failing before counts no more: the customer has done something about it.
void switched_on(Session& db, EndpointId const& id) {
    db.run("UPDATE endpoints SET failures = 0, first_failure_at = NULL, last_failure_at = NULL, last_success_at = NULL WHERE id = :id", id);
}

/// Whatever is pending will not be sent; an attempt in flight may still turn its delivery into `delivered`.
void fail_pending(Session& db, EndpointId const& id, Instant now) {
    db.run("UPDATE deliveries SET status = 'failed', last_error = 'endpoint_disabled', due_at = NULL, lease_until = NULL, replay = 0, "
           "updated_at = :now, finished_at = :finished WHERE endpoint_id = :id AND status = 'pending'", now, now, id);
}

Result<Store::Upserted> upsert(Session& db, Endpoint const& endpoint, std::size_t endpoints_max) {
    static auto const insert = insert_into<Endpoint>("endpoints");
    auto known = db.one_from<Endpoint>("endpoints WHERE tenant_id = :tenant AND url = :url", endpoint.tenant, endpoint.url);
    if (!known) {
        auto const count = db.one<std::size_t>("SELECT COUNT(*) FROM endpoints WHERE tenant_id = :tenant", endpoint.tenant);
        if (count >= endpoints_max) return fail(Errc::forbidden, "the plan's number of webhook endpoints is reached", {}, "plan_limit_reached");
        db.run_cells(insert, cells_for(endpoint));
        return Store::Upserted{endpoint, true};
    }
    if (endpoint.enabled && !known->enabled) switched_on(db, known->id);
    if (!endpoint.enabled && known->enabled) fail_pending(db, known->id, endpoint.updated_at);
    known->events = endpoint.events;
    known->enabled = endpoint.enabled;
    known->updated_at = endpoint.updated_at;
    if (known->enabled) known->disabled_at = {}, known->disabled_reason = {};
    db.run("UPDATE endpoints SET events_json = :events, enabled = :enabled, updated_at = :updated, disabled_at = :disabled, "
           "disabled_reason = :reason WHERE id = :id", known->events, known->enabled, known->updated_at, known->disabled_at,
           known->disabled_reason, known->id);
    return Store::Upserted{*std::move(known), false};
}

/// A route that named it is one without an endpoint: shown so, and saved again as it is shown. So is one that waits for WhatsApp Calling.
void leave_routes(Session& db, TenantId const& tenant, EndpointId const& id) {
    db.run("UPDATE whatsapp_calling SET default_route_json = json_remove(default_route_json, '$.events.webhookEndpointId') "
           "WHERE tenant_id = :tenant AND json_extract(default_route_json, '$.events.webhookEndpointId') = :id", tenant, id);
    db.run("UPDATE routes SET events_json = json_remove(events_json, '$.webhookEndpointId') "
           "WHERE tenant_id = :tenant AND json_extract(events_json, '$.webhookEndpointId') = :id", tenant, id);
}

}  // namespace

Task<Result<Store::Upserted>> Store::upsert_endpoint(Endpoint endpoint, std::size_t endpoints_max, Finished finished) {
    return database_->write([endpoint = std::move(endpoint), endpoints_max, finished = std::move(finished)](Session& db) -> Result<Upserted> {
        TRY(auto saved, upsert(db, endpoint, endpoints_max));
        auto const request = finished ? finished(saved.endpoint) : std::nullopt;
        if (request) finish(db, *request, saved.endpoint.updated_at);
        return saved;
    });
}

Task<Result<Endpoint>> Store::endpoint(TenantId tenant, EndpointId id) {
    return database_->look([tenant, id](Session& db) {
        return found(db.one_from<Endpoint>("endpoints WHERE id = :id AND tenant_id = :tenant", id, tenant), "webhook endpoint");
    });
}

Task<Result<std::vector<Endpoint>>> Store::endpoints(TenantId tenant) {
    return database_->read([tenant](Session& db) -> Result<std::vector<Endpoint>> {
        return db.all_from<Endpoint>("endpoints WHERE tenant_id = :tenant ORDER BY created_at DESC, id DESC", tenant);
    });
}

Task<Result<Endpoint>> Store::change_endpoint(TenantId tenant, EndpointId id, std::function<Result<>(Endpoint&)> work, Audit audit) {
    return database_->write(audited(std::move(audit), [tenant, id, work = std::move(work)](Session& db) -> Result<Endpoint> {
        static auto const upsert = upsert_into<Endpoint>("endpoints", "id", {"tenant_id", "created_at"});
        TRY(auto const known, found(db.one_from<Endpoint>("endpoints WHERE id = :id AND tenant_id = :tenant", id, tenant), "webhook endpoint"));
        auto endpoint = known;
        CHECK_OK(work(endpoint));
        if (endpoint.enabled && !known.enabled) switched_on(db, id);
        if (!endpoint.enabled && known.enabled) fail_pending(db, id, endpoint.updated_at);
        db.run_cells(upsert, cells_for(endpoint));
        return endpoint;
    }));
}

bool switch_off(Session& db, EndpointId const& id, std::string const& reason, Instant now) {
    if (db.run("UPDATE endpoints SET enabled = 0, disabled_at = :at, disabled_reason = :reason, updated_at = :now "
               "WHERE id = :id AND enabled = 1", now, reason, now, id) == 0)
        return false;
    fail_pending(db, id, now);
    return true;
}

Task<Result<>> Store::delete_endpoint(TenantId tenant, EndpointId id, Instant now, Audit audit) {
    return database_->write(audited(std::move(audit), [tenant, id, now](Session& db) -> Result<> {
        if (db.run("DELETE FROM endpoints WHERE id = :id AND tenant_id = :tenant", id, tenant) == 0)
            return fail(Errc::not_found, "no such webhook endpoint");
        fail_pending(db, id, now);
        leave_routes(db, tenant, id);
        return {};
    }));
}

}  // namespace boni::store
