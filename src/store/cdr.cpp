// Calls that have ended, with what they used, in the order in which they began.
#include "model/cdr.hpp"
#include "store/database.hpp"

namespace boni::store {

namespace {

/// By the key (tenant, event type, subject), once for each type.
std::string usage_of_call() {
    std::string types;
    for (auto const& type : model::usage_table()) types += (types.empty() ? "'" : ", '") + std::string{type.name} + "'";
    return "SELECT event_type, quantity, charge FROM usage WHERE tenant_id = :tenant AND event_type IN (" + types + ") AND subject = :call";
}

}  // namespace

template <class V>
void fields(V& v, model::Cdr& r) {
    fields(v, r.call);
    v("ringing_at", r.ringing_at), v("q850", r.q850), v("route_status", r.route_status);
}

Task<Result<std::vector<model::Cdr>>> Store::cdr(CdrFilter filter) {
    return database_->read([filter = std::move(filter)](Session& db) -> Result<std::vector<model::Cdr>> {
        static auto const select = select_from<model::Cdr>(
            "(SELECT calls.*, COALESCE((SELECT route_status FROM numbers WHERE numbers.id = calls.number_id), '') AS route_status FROM calls) "
            "WHERE tenant_id = :tenant AND (started_at, id) > (:after, :after_id) AND started_at < :until AND stage = 3 "
            "ORDER BY started_at, id LIMIT :limit");
        static auto const used = usage_of_call();
        static auto const legs = select_from<model::CdrLeg>("cdr_legs WHERE call_id = :call ORDER BY leg");
        auto records = db.all<model::Cdr>(select, filter.tenant, filter.after.first, filter.after.second, filter.until, filter.limit);
        for (auto& record : records) {
            record.usage = db.all<model::UsageTotal>(used, filter.tenant, record.call.id);
            record.legs = db.all<model::CdrLeg>(legs, record.call.id);
        }
        return records;
    });
}

}  // namespace boni::store
