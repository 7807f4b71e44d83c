// Idempotency keys (api-semantics 5): a row is an answer; what runs is known to this process only.
#include "store/database.hpp"
#include "store/requests.hpp"
#include "store/running_requests.hpp"

namespace boni::store {

namespace {

constexpr auto kept = std::chrono::hours{24};        // from the first use

struct Known {
    std::string fingerprint;
    int status = 0;
    std::string body;
    Instant created_at{};
};
template <class V>
void fields(V& v, Known& k) {
    v("fingerprint", k.fingerprint), v("status", k.status), v("body", k.body), v("created_at", k.created_at);
}

std::int64_t count_of(Session& db, TenantId const& tenant, std::int64_t most) {
    return db.one<std::int64_t>("SELECT COUNT(*) FROM (SELECT 1 FROM idempotency WHERE tenant_id = :tenant LIMIT :most)", tenant, most).value_or(0);
}

struct Filling {
    std::int64_t keys = 0;
    std::optional<Instant> oldest{};                 // when there are as many as there may be
};

Filling filling_of(Session& db, TenantId const& tenant, std::int64_t most) {
    Filling out{count_of(db, tenant, most)};
    if (out.keys >= most) out.oldest = db.one<Instant>("SELECT created_at FROM idempotency WHERE tenant_id = :tenant ORDER BY created_at LIMIT 1", tenant);
    return out;
}

}  // namespace

Task<Result<std::optional<StoredAnswer>>> Store::begin_request(IdempotencyKey key, Instant now, std::int64_t keys_max) {
    CO_CHECK_OK(running_->begin(key));
    auto known = co_await database_->look([&key](Session& db) -> Result<std::optional<Known>> {
        return db.one<Known>("SELECT fingerprint, status, body, created_at FROM idempotency WHERE tenant_id = :tenant AND key = :key",
                             key.tenant, key.key);
    });
    auto const answered = known && *known && (*known)->created_at > now - kept;
    auto const room = known && !answered ? co_await room_for_key(key.tenant, now, keys_max) : Result<>{};
    if (known && !answered && room) co_return std::nullopt;
    running_->end(key);
    if (!known) co_return std::unexpected(known.error());
    if (!room) co_return std::unexpected(room.error());
    if ((*known)->fingerprint != key.fingerprint) co_return RunningRequests::reused();
    co_return StoredAnswer{(*known)->status, std::move((*known)->body)};
}

/// Only a tenant at the limit pays for counting again and for removing what expired.
Task<Result<>> Store::room_for_key(TenantId tenant, Instant now, std::int64_t keys_max) {
    auto& mine = running_->kept(tenant);
    if (!mine.keys) {
        CO_TRY(auto const counted, co_await database_->read([tenant, keys_max](Session& db) -> Result<std::int64_t> {
            return count_of(db, tenant, keys_max);
        }));
        mine.keys = std::max(counted, mine.keys.value_or(0));
    }
    if (*mine.keys >= keys_max && now >= mine.full_until) {
        CO_TRY(auto const there, co_await database_->write([tenant, now, keys_max](Session& db) -> Result<Filling> {
            db.run("DELETE FROM idempotency WHERE tenant_id = :tenant AND created_at <= :before", tenant, now - kept);
            return filling_of(db, tenant, keys_max);
        }));
        mine.keys = there.keys + running_->others_of(tenant);   // that will be rows, or are and were counted twice: the next count tells
        mine.full_until = there.oldest ? *there.oldest + kept : Instant{};
    }
    if (*mine.keys >= keys_max) co_return fail(Errc::limit, "the tenant has too many idempotency keys", "Idempotency-Key");
    ++*mine.keys;
    co_return Result<>{};
}

std::chrono::seconds Store::room_for_key_in(TenantId const& tenant, Instant now) const {
    auto const full_for = running_->kept(tenant).full_until - now;
    return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(full_for));
}

Task<Result<>> Store::finish_request(FinishedRequest request) {
    auto written = co_await database_->write([request](Session& db) -> Result<> {   // a copy: the job outlives who waits for it
        finish(db, request, system_clock().now());
        return {};
    });
    if (written) release_request(request.key);
    else abandon_request(request.key);
    co_return written;
}

void Store::release_request(IdempotencyKey const& key) { running_->end(key); }

void Store::abandon_request(IdempotencyKey const& key) {
    running_->end(key);
    if (auto& keys = running_->kept(key.tenant).keys; keys && *keys > 0) --*keys;
}

void finish(Session& db, FinishedRequest const& request, Instant now) {
    auto const& [key, answer] = request;
    db.run("INSERT INTO idempotency (tenant_id, key, fingerprint, status, body, created_at) "
           "VALUES (:tenant, :key, :fingerprint, :status, :body, :now) "
           "ON CONFLICT (tenant_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, "
           "created_at = excluded.created_at",
           key.tenant, key.key, key.fingerprint, answer.status, answer.body, key.used_at == Instant{} ? now : key.used_at);
}

}  // namespace boni::store
