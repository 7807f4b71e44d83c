// Deliveries as a customer sees them: found, listed, replayed.
#include "store/database.hpp"
#include "store/page.hpp"
#include "store/requests.hpp"

namespace boni::store {

namespace {
Result<model::Delivery> find(Session& db, TenantId const& tenant, DeliveryId const& id) {
    return found(db.one_from<model::Delivery>("deliveries WHERE id = :id AND tenant_id = :tenant", id, tenant), "delivery");
}
}  // namespace

Task<Result<model::Delivery>> Store::delivery(TenantId tenant, DeliveryId id) {
    return database_->read([tenant, id](Session& db) { return find(db, tenant, id); });
}

Task<Result<std::vector<model::Delivery>>> Store::deliveries(DeliveryFilter filter) {
    return database_->read([filter = std::move(filter)](Session& db) -> Result<std::vector<model::Delivery>> {
        Page page{select_from<model::Delivery>("deliveries")};
        page.where("tenant_id = :tenant", filter.tenant);
        if (filter.status) page.where_word("status", *filter.status);
        if (!filter.event_type.empty()) page.where("event_type = :type", filter.event_type);
        if (!filter.endpoint.empty()) page.where("endpoint_id = :endpoint", filter.endpoint);
        return page.read<model::Delivery>(db, "created_at", filter.after, filter.limit);
    });
}

/// A finished delivery starts a schedule of its own with the same body; one that waits is brought forward.
Task<Result<>> Store::replay(TenantId tenant, DeliveryId id, Instant now, std::optional<FinishedRequest> finished) {
    return database_->write([tenant, id, now, finished = std::move(finished)](Session& db) -> Result<> {
        TRY(auto const delivery, find(db, tenant, id));
        if (delivery.lease_until) return fail(Errc::conflict, "an attempt is in flight", {}, "delivery_in_progress");
        auto const enabled = db.one<bool>("SELECT enabled FROM endpoints WHERE id = :id", delivery.endpoint);
        if (!enabled.value_or(false)) return fail(Errc::conflict, "the endpoint is off or deleted", {}, "endpoint_disabled");
        if (!db.one<int>("SELECT 1 FROM events WHERE id = :id AND body IS NOT NULL", delivery.event))
            return fail(Errc::conflict, "the event's body is older than 30 days", {}, "payload_expired");
        if (finished) finish(db, *finished, now);
        db.deliveries_changed = true;
        if (delivery.status == model::DeliveryStatus::pending) {
            db.run("UPDATE deliveries SET due_at = MIN(due_at, :now), updated_at = :updated WHERE id = :id", now, now, id);
            return {};
        }
        db.run("UPDATE deliveries SET status = 'pending', schedule_step = 0, replay = 1, due_at = :now, finished_at = NULL, "
               "updated_at = :updated WHERE id = :id", now, now, id);
        return {};
    });
}

}  // namespace boni::store
