// Records of legs: each holds the hash of the one before it, so that none can be changed, added or left out unseen (sip.md 8).
#include "store/chain.hpp"

#include "base/crypto.hpp"
#include "model/cdr.hpp"
#include "store/database.hpp"

namespace boni::store {

namespace {

constexpr int callers_leg = 1;
constexpr auto select_head = "SELECT node, sequence, hash, kept_from FROM cdr_head";

/// What the record keeps longer than the timeline does.
constexpr auto select_beside =
    "SELECT (SELECT MIN(at) FROM timeline WHERE call_id = :call AND event = 'call.ringing') AS ringing_at, "
    "(SELECT MAX(json_extract(detail_json, '$.q850')) FROM timeline WHERE call_id = :call "
    "AND event IN ('call.no_answer', 'call.completed', 'call.failed')) AS q850, COALESCE(leg_json, '{}') AS leg_json FROM calls WHERE id = :call";

/// Only ever from the front of the chain: what is left is still one.
constexpr auto delete_oldest = "DELETE FROM cdr_legs WHERE sequence < COALESCE((SELECT sequence FROM cdr_legs WHERE ended_at > :before "
                               "ORDER BY sequence LIMIT 1), 9223372036854775807) AND sequence IN (SELECT sequence FROM cdr_legs ORDER BY sequence LIMIT :most)";

struct Beside {
    std::optional<Instant> ringing_at;
    std::optional<int> q850;
    json::object leg;
};
template <class V>
void fields(V& v, Beside& b) {
    v("ringing_at", b.ringing_at), v("q850", b.q850), v("leg_json", b.leg);
}

}  // namespace

template <class V>
void fields(V& v, model::CdrHead& h) {
    v("node", h.node), v("sequence", h.sequence), v("hash", h.hash), v("kept_from", h.kept_from);
}

void append_leg(Session& db, model::Call const& call, json::object facts) {
    auto const head = db.one<model::CdrHead>(select_head).value_or(model::CdrHead{});
    auto const beside = db.one<Beside>(select_beside, call.id).value_or(Beside{});
    if (facts.empty()) facts = beside.leg;
    db.run("UPDATE calls SET ringing_at = :ringing, q850 = :q850, leg_json = NULL WHERE id = :id", beside.ringing_at, beside.q850, call.id);
    auto const recordings = db.all<std::string>("SELECT id FROM recordings WHERE call_id = :call AND removed_at IS NULL ORDER BY created_at, id", call.id);
    if (!recordings.empty()) facts["recordingIds"] = json::array(recordings.begin(), recordings.end());
    auto const sequence = head.sequence + 1;
    auto const record = model::leg_record({.call = call, .ringing_at = beside.ringing_at, .q850 = beside.q850}, callers_leg, std::move(facts), head);
    auto const hash = sha256_hex(record);
    db.run("INSERT INTO cdr_legs (sequence, call_id, leg, ended_at, record, hash) VALUES (:sequence, :call, :leg, :ended, :record, :hash)",
           sequence, call.id, callers_leg, call.ended_at, record, hash);
    db.run("UPDATE cdr_head SET sequence = :sequence, hash = :hash", sequence, hash);
}

long long remove_oldest_legs(Session& db, Instant before, int most) {
    auto const removed = db.run(delete_oldest, before, most);
    if (removed > 0) db.run("UPDATE cdr_head SET kept_from = COALESCE((SELECT MIN(sequence) FROM cdr_legs), sequence + 1)");
    return removed;
}

Task<Result<std::vector<model::CdrLeg>>> Store::cdr_legs(std::int64_t after, std::size_t most) {
    return database_->read([after, most](Session& db) -> Result<std::vector<model::CdrLeg>> {
        return db.all_from<model::CdrLeg>("cdr_legs WHERE sequence > :after ORDER BY sequence LIMIT :most", after, most);
    });
}

Task<Result<model::CdrHead>> Store::cdr_head() {
    return database_->read([](Session& db) -> Result<model::CdrHead> {
        return db.one<model::CdrHead>(select_head).value_or(model::CdrHead{});
    });
}

}  // namespace boni::store
