// Idempotency keys (api-semantics 5): a row without a status is a request that runs.
#include "store/database.hpp"
#include "store/requests.hpp"

namespace boni::store {

namespace {

constexpr auto kept = std::chrono::hours{24};        // from the first use

struct Known {
    std::string fingerprint;
    std::optional<int> status;
    std::string body;
    Instant created_at{};
};
template <class V>
void fields(V& v, Known& k) {
    v("fingerprint", k.fingerprint), v("status", k.status), v("body", k.body), v("created_at", k.created_at);
}

/// The count is cheap until it matters: only a tenant at the limit pays for removing what expired.
bool over_limit(Session& db, TenantId const& tenant, Instant now, std::int64_t keys_max) {
    static std::string const count = "SELECT COUNT(*) FROM (SELECT 1 FROM idempotency WHERE tenant_id = :tenant LIMIT :most)";
    if (db.one<std::int64_t>(count, tenant, keys_max) < keys_max) return false;
    db.run("DELETE FROM idempotency WHERE tenant_id = :tenant AND created_at <= :before", tenant, now - kept);
    return db.one<std::int64_t>(count, tenant, keys_max) >= keys_max;
}

}  // namespace

Task<Result<std::optional<StoredAnswer>>> Store::begin_request(IdempotencyKey key, Instant now, std::int64_t keys_max) {
    return database_->write([key = std::move(key), now, keys_max](Session& db) -> Result<std::optional<StoredAnswer>> {
        auto known = db.one<Known>("SELECT fingerprint, status, body, created_at FROM idempotency WHERE tenant_id = :tenant AND key = :key",
                                   key.tenant, key.key);
        if (known && known->created_at > now - kept) {
            if (known->fingerprint != key.fingerprint)
                return fail(Errc::conflict, "the Idempotency-Key belongs to another request", "Idempotency-Key", "idempotency_key_reused");
            if (!known->status)
                return fail(Errc::conflict, "the first request with this Idempotency-Key still runs", "Idempotency-Key", "idempotency_in_progress");
            return StoredAnswer{*known->status, std::move(known->body)};
        }
        if (!known && over_limit(db, key.tenant, now, keys_max)) return fail(Errc::limit, "the tenant has too many idempotency keys", "Idempotency-Key");
        db.run("INSERT OR REPLACE INTO idempotency (tenant_id, key, fingerprint, status, body, created_at) "
               "VALUES (:tenant, :key, :fingerprint, NULL, '', :now)", key.tenant, key.key, key.fingerprint, now);
        return std::nullopt;
    });
}

Task<Result<>> Store::finish_request(FinishedRequest request) {
    return database_->write([request = std::move(request)](Session& db) -> Result<> {
        finish(db, request, system_clock().now());
        return {};
    });
}

Task<Result<>> Store::abandon_request(IdempotencyKey key) {
    return database_->write([key = std::move(key)](Session& db) -> Result<> {
        db.run("DELETE FROM idempotency WHERE tenant_id = :tenant AND key = :key AND fingerprint = :fingerprint AND status IS NULL",
               key.tenant, key.key, key.fingerprint);
        return {};
    });
}

void finish(Session& db, FinishedRequest const& request, Instant now) {
    auto const& [key, answer] = request;
    db.run("INSERT INTO idempotency (tenant_id, key, fingerprint, status, body, created_at) "
           "VALUES (:tenant, :key, :fingerprint, :status, :body, :now) "
           "ON CONFLICT (tenant_id, key) DO UPDATE SET status = excluded.status, body = excluded.body",
           key.tenant, key.key, key.fingerprint, answer.status, answer.body, now);
}

}  // namespace boni::store
