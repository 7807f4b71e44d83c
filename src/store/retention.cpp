// What is past its time goes, a little at a time so that nobody waits for it.
#include <algorithm>

#include "store/chain.hpp"
#include "store/database.hpp"

namespace boni::store {

namespace {

using std::chrono::days;

constexpr auto keys_kept = days{1};                  // idempotency keys, from their first use
constexpr auto bodies_kept = days{30};               // event bodies and attempts
constexpr auto deliveries_kept = days{60};           // longer than bodies: a late replay is told `payload_expired`, not 404
constexpr auto audit_kept = days{730};               // what operators did: longer than the licence asks
constexpr auto ladders_kept = days{30};              // SIP messages: addresses and names of people (sip.md 8)

constexpr int followed = 24;                         // times as fast as it runs itself, a clock that is ahead or behind

constexpr int rows_at_once = 2000;                   // of one transaction: a few milliseconds on a small disk
constexpr int calls_at_once = 100;                   // each takes a few dozen rows with it
constexpr int calls_walked = 200;                    // at once, by a rule that most of them have nothing for any more

/// Asked again until it finds less than `most`.
struct Rule {
    std::function<long long(Session&)> remove;       // or clears; how many rows it was
    int most = rows_at_once;
};

/// `sql` with :before and :most.
Rule rule(std::string sql, Instant before) {
    return {[=](Session& db) { return db.run(sql, before, rows_at_once); }};
}

/// `sql` with :tenant, :before and :most.
Rule rule(std::string sql, TenantId tenant, Instant before, int most = rows_at_once) {
    return {[=](Session& db) { return db.run(sql, tenant, before, most); }, most};
}

/// `kept` before now, or the epoch: a limit may be more days than an Instant has microseconds for, and wrapped around they are the future.
Instant ago(Instant now, days kept) { return kept < std::chrono::floor<days>(now.time_since_epoch()) ? now - kept : Instant{}; }

std::vector<Rule> rules(Instant now, days cdr_kept) {
    return {rule("DELETE FROM idempotency WHERE (tenant_id, key) IN "
                 "(SELECT tenant_id, key FROM idempotency WHERE created_at <= :before LIMIT :most)", now - keys_kept),
            rule("DELETE FROM attempts WHERE (delivery_id, number) IN "
                 "(SELECT delivery_id, number FROM attempts WHERE started_at <= :before LIMIT :most)", now - bodies_kept),
            rule("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE call_id = '' AND created_at <= :before LIMIT :most)",
                 now - bodies_kept),                     // a call takes its own along when it goes
            rule("UPDATE events SET body = NULL WHERE id IN "
                 "(SELECT id FROM events WHERE body IS NOT NULL AND created_at <= :before LIMIT :most)", now - bodies_kept),
            rule("DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE created_at <= :before AND status <> 'pending' LIMIT :most)",
                 now - deliveries_kept),
            rule("DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at <= :before LIMIT :most)", now - audit_kept),
            {[before = ago(now, cdr_kept)](Session& db) { return remove_oldest_legs(db, before, rows_at_once); }}};
}

/// A recording's row stays as long as its call does, and tells that there was one.
Rule recordings_rule(TenantId tenant, Instant before, Instant now) {
    return {[=](Session& db) {
        return db.run("UPDATE recordings SET removed_at = :now WHERE id IN (SELECT id FROM recordings WHERE tenant_id = :tenant "
                      "AND created_at <= :before AND removed_at IS NULL LIMIT :most)", now, tenant, before, rows_at_once);
    }};
}

/// The call stays, it is the record of what was billed, until that has been kept long enough.
std::vector<Rule> tenant_rules(model::Tenant const& tenant, Instant now, days cdr_kept) {
    auto const& id = tenant.id;
    auto const recordings = ago(now, days{int(tenant.limit("recording_retention_days"))});
    auto const records = ago(now, cdr_kept);
    return {recordings_rule(id, recordings, now),
            rule("DELETE FROM transcripts WHERE id IN (SELECT id FROM transcripts WHERE tenant_id = :tenant AND created_at <= :before LIMIT :most)",
                 id, recordings),
            rule("DELETE FROM usage WHERE (tenant_id, event_type, subject) IN (SELECT tenant_id, event_type, subject FROM usage "
                 "WHERE tenant_id = :tenant AND started_at <= :before LIMIT :most)", id, records),
            rule("DELETE FROM usage_days WHERE (tenant_id, day, event_type) IN (SELECT tenant_id, day, event_type FROM usage_days "
                 "WHERE tenant_id = :tenant AND day <= :before LIMIT :most)", id, records - days{1}),
            rule("DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE tenant_id = :tenant AND started_at <= :before AND stage = 3 LIMIT :most)",
                 id, records, calls_at_once)};
}

Task<Result<>> follow(auto& database, std::vector<Rule> rules) {
    for (auto const& rule : rules) {
        for (long long removed = rule.most; removed == rule.most;) {
            CO_TRY(removed, co_await database.write([remove = rule.remove](Session& db) -> Result<long long> { return remove(db); }));
        }
    }
    co_return Result<>{};
}

/// Timeline and ladder go before their call does. The calls that have become old enough since `walked` are looked at, some at once: one look at
/// the millions of a process's first walk would keep everybody else from writing for seconds.
Task<Result<>> walk(auto& database, Instant& walked, TenantId tenant, Instant before, std::string remove) {
    while (walked < before) {
        CO_TRY(walked, co_await database.write([tenant, after = walked, before, remove](Session& db) -> Result<Instant> {
            auto const until = db.one<Instant>("SELECT started_at FROM calls WHERE tenant_id = :tenant AND started_at > :after AND started_at <= :before "
                                               "ORDER BY started_at LIMIT 1 OFFSET :calls", tenant, after, before, calls_walked).value_or(before);
            db.run(remove + " WHERE call_id IN (SELECT id FROM calls WHERE tenant_id = :tenant AND started_at > :after AND started_at <= :until AND stage = 3)",
                   tenant, after, until);
            return until;
        }));
    }
    co_return Result<>{};
}

}  // namespace

Task<Result<Instant>> Store::retention_time(Instant now, Steady::duration ran) {
    return database_->write([now, ran](Session& db) -> Result<Instant> {
        auto const last = db.one<Instant>("SELECT time FROM retention");
        if (!last) {
            db.run("INSERT INTO retention (time) VALUES (:now)", now);
            return now;
        }
        auto const reach = std::chrono::duration_cast<Instant::duration>(ran * followed);
        auto next = std::clamp(now, *last - reach, *last + reach);   // it goes back as slowly: a first start may have been in the year 2040
        auto const oldest = db.one<Instant>("SELECT started_at FROM calls ORDER BY id LIMIT 1");
        if (oldest && *oldest > next) next = std::min(now, *oldest);   // or in 1970: so late it has been already
        db.run("UPDATE retention SET time = :next", next);
        return std::min(now, next);
    });
}

Task<Result<>> Store::prune(Instant now, days cdr_kept) {
    CO_CHECK_OK(co_await follow(*database_, rules(now, cdr_kept)));
    CO_TRY(auto const all, co_await tenants());
    for (auto const& tenant : all) {
        auto& [timelines, ladders] = walked_[tenant.id];
        CO_CHECK_OK(co_await walk(*database_, timelines, tenant.id, ago(now, days{int(tenant.limit("timeline_retention_days"))}),
                                  "DELETE FROM timeline"));
        CO_CHECK_OK(co_await walk(*database_, ladders, tenant.id, now - ladders_kept, "DELETE FROM ladders"));
        CO_CHECK_OK(co_await follow(*database_, tenant_rules(tenant, now, cdr_kept)));
    }
    co_return Result<>{};
}

}  // namespace boni::store
