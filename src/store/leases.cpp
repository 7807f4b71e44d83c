// Deliveries on their way: what is due, who holds it, what became of it (events-and-webhooks 6).
#include "store/database.hpp"
#include "store/switch_off.hpp"

namespace boni::store {

template <class V>
static void fields(V& v, DueEndpoint& d) {
    v("endpoint_id", d.endpoint), v("tenant_id", d.tenant), v("replay", d.replays), v("due_at", d.first_due), v("updated_at", d.changed_at);
}
template <class V>
static void fields(V& v, EndpointHealth& h) {
    v("id", h.endpoint), v("failures", h.failures), v("first_failure_at", h.first_failure_at), v("last_failure_at", h.last_failure_at);
    v("last_success_at", h.last_success_at);
}

namespace {

/// Hops from endpoint to endpoint in the partial index, so that a long queue costs no more than a short one.
constexpr auto due_endpoints_sql =
    "WITH RECURSIVE hop (endpoint_id) AS ("
    "  SELECT MIN(endpoint_id) FROM deliveries WHERE status = 'pending' AND lease_until IS NULL"
    "  UNION ALL"
    "  SELECT (SELECT MIN(d.endpoint_id) FROM deliveries d WHERE d.status = 'pending' AND d.lease_until IS NULL"
    "          AND d.endpoint_id > hop.endpoint_id) FROM hop WHERE hop.endpoint_id IS NOT NULL), "
    "lane (replay) AS (VALUES (0), (1)) "
    "SELECT hop.endpoint_id, e.tenant_id, lane.replay, (SELECT d.due_at FROM deliveries d WHERE d.status = 'pending' "
    "  AND d.lease_until IS NULL AND d.endpoint_id = hop.endpoint_id AND d.replay = lane.replay ORDER BY d.due_at LIMIT 1) AS first_due, e.updated_at "
    "FROM hop CROSS JOIN lane JOIN endpoints e ON e.id = hop.endpoint_id WHERE first_due <= :now";

/// Of one endpoint. A first attempt waits while an earlier event of its call has not been tried (section "Order").
std::string const& select_due() {
    static auto const sql = select_from<model::Delivery>(
        "deliveries AS d WHERE status = 'pending' AND lease_until IS NULL AND endpoint_id = :endpoint AND replay = :replay"
        " AND due_at <= :now AND (attempt_count > 0 OR replay = 1 OR call_id = '' OR NOT EXISTS ("
        "SELECT 1 FROM deliveries AS earlier WHERE earlier.endpoint_id = d.endpoint_id AND earlier.call_id = d.call_id"
        " AND earlier.status = 'pending' AND earlier.attempt_count = 0 AND earlier.replay = 0 AND earlier.call_id <> ''"
        " AND earlier.sequence < d.sequence)) ORDER BY due_at LIMIT :count");
    return sql;
}

/// A result that comes twice finds its attempt counted. A delivery that failed with its endpoint meanwhile stays failed,
/// unless this attempt arrived: then it was delivered.
void finish(Session& db, AttemptResult const& result) {
    auto const pending = result.outcome == model::DeliveryStatus::pending;
    auto const finished = pending ? std::nullopt : std::optional{result.started_at + result.took};
    auto const counted = db.run(
        "UPDATE deliveries SET attempt_count = attempt_count + 1, schedule_step = schedule_step + 1, lease_until = NULL, "
        "status = CASE WHEN status = 'failed' AND :was <> 'delivered' THEN status ELSE :outcome END, "
        "due_at = CASE WHEN status = 'failed' THEN NULL ELSE :due END, last_status = :status, "
        "last_error = CASE WHEN status = 'failed' AND :same <> 'delivered' THEN last_error ELSE :error END, "
        "signature_timestamp = :timestamp, signature = :signature, updated_at = :updated, "
        "first_attempt_at = COALESCE(first_attempt_at, :first), finished_at = COALESCE(:finished, finished_at) "
        "WHERE id = :id AND attempt_count = :before",
        result.outcome, result.outcome, pending ? result.due_at : std::nullopt, result.status, result.outcome, result.error,
        result.signature_timestamp, result.signature, result.started_at + result.took, result.started_at, finished, result.delivery,
        result.number - 1);
    if (counted == 0) return;
    db.run("INSERT INTO attempts (delivery_id, number, started_at, ms, status, error, ip, excerpt) "
           "VALUES (:delivery, :number, :started, :ms, :status, :error, :ip, :excerpt)", result.delivery, result.number, result.started_at,
           result.took.count(), result.status, result.error, result.ip, result.excerpt);
    auto const at = result.started_at + result.took;
    if (result.outcome == model::DeliveryStatus::delivered) {
        db.run("UPDATE endpoints SET failures = 0, first_failure_at = NULL, last_failure_at = NULL, last_success_at = :at "
               "WHERE id = (SELECT endpoint_id FROM deliveries WHERE id = :id)", at, result.delivery);
    } else {
        db.run("UPDATE endpoints SET failures = failures + 1, first_failure_at = COALESCE(first_failure_at, :first), last_failure_at = :last "
               "WHERE id = (SELECT endpoint_id FROM deliveries WHERE id = :id)", at, at, result.delivery);
    }
}

}  // namespace

Task<Result<std::vector<DueEndpoint>>> Store::due_endpoints(Instant now) {
    return database_->read([now](Session& db) -> Result<std::vector<DueEndpoint>> { return db.all<DueEndpoint>(due_endpoints_sql, now); });
}

Task<Result<std::vector<DueDelivery>>> Store::lease_due(Instant now, Instant lease_until, std::vector<Grant> grants) {
    return database_->write_soon([now, lease_until, grants = std::move(grants)](Session& db) -> Result<std::vector<DueDelivery>> {
        static auto const select_endpoint = select_from<model::WebhookEndpoint>("endpoints WHERE id = :id AND enabled = 1");
        std::vector<DueDelivery> out;
        for (auto const& grant : grants) {
            auto const endpoint = db.one<model::WebhookEndpoint>(select_endpoint, grant.endpoint);
            if (!endpoint) continue;                 // switched off since; its deliveries have failed
            for (auto& delivery : db.all<model::Delivery>(select_due(), grant.endpoint, grant.replays, now, grant.count)) {
                auto body = db.one<std::string>("SELECT body FROM events WHERE id = :id AND body IS NOT NULL", delivery.event);
                if (!body) {                         // deferred until its body was past its 30 days
                    db.run("UPDATE deliveries SET status = 'failed', last_error = 'payload_expired', due_at = NULL, updated_at = :now, "
                           "finished_at = :finished WHERE id = :id", now, now, delivery.id);
                    continue;
                }
                db.run("UPDATE deliveries SET lease_until = :until WHERE id = :id", lease_until, delivery.id);
                delivery.lease_until = lease_until;
                out.push_back({std::move(delivery), *endpoint, *std::move(body)});
            }
        }
        return out;
    });
}

Task<Result<std::vector<EndpointHealth>>> Store::finish_attempts(std::vector<AttemptResult> results, SwitchOff off) {
    return database_->write_soon([results = std::move(results), off = std::move(off)](Session& db) -> Result<std::vector<EndpointHealth>> {
        for (auto const& result : results) finish(db, result);
        std::map<EndpointId, EndpointHealth> health;
        for (auto const& result : results) {
            auto const found = db.one<EndpointHealth>("SELECT id, failures, first_failure_at, last_failure_at, last_success_at FROM endpoints "
                                                      "WHERE id = (SELECT endpoint_id FROM deliveries WHERE id = :id)", result.delivery);
            if (found) health[found->endpoint] = *found;
        }
        std::vector<EndpointHealth> out;
        for (auto& [id, row] : health) {
            auto reason = off.reason ? off.reason(row) : std::string{};
            if (!reason.empty() && switch_off(db, id, reason, off.now)) row.switched_off = std::move(reason);
            out.push_back(std::move(row));
        }
        return out;
    });
}

Task<Result<>> Store::defer(std::vector<Deferral> deferrals, Instant now) {
    return database_->write_soon([deferrals = std::move(deferrals), now](Session& db) -> Result<> {
        for (auto const& [endpoint, replays, until] : deferrals)
            db.run("UPDATE deliveries SET due_at = :until WHERE id IN (SELECT id FROM deliveries WHERE endpoint_id = :endpoint "
                   "AND status = 'pending' AND lease_until IS NULL AND replay = :replay AND due_at <= :now LIMIT 1000)", until, endpoint, replays, now);
        return {};
    });
}

Task<Result<bool>> Store::bring_forward(std::vector<Instant> latest) {
    return database_->write_soon([latest = std::move(latest)](Session& db) -> Result<bool> {
        long long most = 0;
        for (std::size_t step = 0; step < latest.size(); ++step)
            most = std::max(most, db.run("UPDATE deliveries SET due_at = :latest WHERE id IN (SELECT id FROM deliveries WHERE status = 'pending' "
                                         "AND lease_until IS NULL AND schedule_step = :step AND due_at > :later LIMIT 1000)",
                                         latest[step], std::int64_t(step), latest[step]));
        if (most > 0) db.deliveries_changed = true;
        return most == 1000;
    });
}

Task<Result<std::size_t>> Store::release_expired(Instant now) {
    return database_->write_soon([now](Session& db) -> Result<std::size_t> {
        auto const released = db.run("UPDATE deliveries SET lease_until = NULL WHERE lease_until <= :now", now);
        if (released > 0) db.deliveries_changed = true;
        return std::size_t(released);
    });
}

Task<Result<QueueFigures>> Store::queue_figures() {
    return database_->read([](Session& db) -> Result<QueueFigures> {
        QueueFigures out;
        out.pending = db.one<std::size_t>("SELECT COUNT(*) FROM deliveries WHERE status = 'pending'").value_or(0);
        out.oldest_due = db.one<Instant>("SELECT due_at FROM deliveries WHERE status = 'pending' AND lease_until IS NULL ORDER BY due_at LIMIT 1");
        return out;
    });
}

}  // namespace boni::store
