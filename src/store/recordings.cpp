#include "store/database.hpp"

namespace boni::store {

namespace {

template <class T>
std::vector<T> of_call(Session& db, std::string const& table, TenantId const& tenant, CallId const& call) {
    return db.all_from<T>(table + " WHERE call_id = :call AND tenant_id = :tenant ORDER BY created_at, id", call, tenant);
}

}  // namespace

Task<Result<std::vector<model::Recording>>> Store::unfinished_recordings() {
    return database_->read([](Session& db) -> Result<std::vector<model::Recording>> {
        return db.all_from<model::Recording>("recordings WHERE finished_at IS NULL AND removed_at IS NULL ORDER BY id");
    });
}

/// A pending one becomes what was made of it.
Task<Result<>> Store::save_transcript(model::Transcript transcript) {
    return database_->write([transcript = std::move(transcript)](Session& db) -> Result<> {
        static auto const upsert = upsert_into<model::Transcript>("transcripts", "id", {"tenant_id", "call_id", "created_at"});
        db.run_cells(upsert, cells_for(transcript));
        return {};
    });
}

Task<Result<model::Recording>> Store::recording(TenantId tenant, RecordingId id) {
    return database_->read([tenant, id](Session& db) {
        static auto const select = select_from<model::Recording>("recordings WHERE id = :id AND tenant_id = :tenant "
                                                                 "AND finished_at IS NOT NULL AND removed_at IS NULL");
        return found(db.one<model::Recording>(select, id, tenant), "recording");
    });
}

Task<Result<std::vector<model::Recording>>> Store::recordings(TenantId tenant, CallId call) {
    return database_->read([tenant, call](Session& db) -> Result<std::vector<model::Recording>> {
        return of_call<model::Recording>(db, "(SELECT * FROM recordings WHERE finished_at IS NOT NULL AND removed_at IS NULL)", tenant, call);
    });
}

Task<Result<std::vector<model::Transcript>>> Store::transcripts(TenantId tenant, CallId call) {
    return database_->read([tenant, call](Session& db) -> Result<std::vector<model::Transcript>> {
        return of_call<model::Transcript>(db, "transcripts", tenant, call);
    });
}

Task<Result<std::vector<model::Recording>>> Store::recordings_to_remove(RecordingId after, std::size_t most) {
    return database_->read([after, most](Session& db) -> Result<std::vector<model::Recording>> {
        static auto const select = select_from<model::Recording>("recordings WHERE removed_at IS NOT NULL AND file <> '' "
                                   "AND id > :after ORDER BY id LIMIT :most");
        return db.all<model::Recording>(select, after, most);
    });
}

Task<Result<std::optional<model::Recording>>> Store::oldest_recording(TenantId tenant) {
    return database_->read([tenant](Session& db) -> Result<std::optional<model::Recording>> {
        static auto const select = select_from<model::Recording>("recordings WHERE tenant_id = :tenant AND removed_at IS NULL "
                                                                  "AND finished_at IS NOT NULL ORDER BY created_at LIMIT 1");
        return db.one<model::Recording>(select, tenant);
    });
}

Task<Result<>> Store::recordings_removed(std::vector<RecordingId> ids) {
    return database_->write([ids = std::move(ids)](Session& db) -> Result<> {
        for (auto const& id : ids) {
            db.run("UPDATE recordings SET file = '' WHERE id = :id AND removed_at IS NOT NULL", id);
            db.run("DELETE FROM recordings WHERE id = :id AND file = '' AND NOT EXISTS (SELECT 1 FROM calls WHERE calls.id = recordings.call_id)", id);
        }
        return {};
    });
}

}  // namespace boni::store
