#include "store/timeline.hpp"

#include "store/database.hpp"

namespace boni::store {

void add_row(Session& db, CallId const& call, model::TimelineRow const& row) {
    db.run("INSERT INTO timeline (call_id, number, at, event, detail_json) VALUES (:call, "
           "(SELECT COALESCE(MAX(number), 0) + 1 FROM timeline WHERE call_id = :call), :at, :event, :detail)", call, row.at, row.event, row.detail);
}

Task<Result<std::vector<model::TimelineRow>>> Store::timeline(CallId id) {
    return database_->read([id](Session& db) -> Result<std::vector<model::TimelineRow>> {
        return db.all<model::TimelineRow>("SELECT at, event, detail_json FROM timeline WHERE call_id = :call ORDER BY number", id);
    });
}

}  // namespace boni::store
