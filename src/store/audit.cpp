#include "store/audit.hpp"

#include "store/database.hpp"
#include "store/page.hpp"

namespace boni::store {

void add_audit(Session& db, model::AuditEntry const& entry) {
    static auto const insert = insert_into<model::AuditEntry>("audit");
    db.run_cells(insert, cells_for(entry));
}

Task<Result<>> Store::add_audit(model::AuditEntry entry) {
    return database_->write(audited(std::move(entry), [](Session&) -> Result<> { return {}; }));
}

Task<Result<std::vector<model::AuditEntry>>> Store::audit(AuditFilter filter) {
    return database_->read([filter = std::move(filter)](Session& db) -> Result<std::vector<model::AuditEntry>> {
        Page page{select_from<model::AuditEntry>("audit")};
        if (!filter.tenant.empty()) page.where("tenant_id = :tenant", filter.tenant);
        if (filter.from) page.where("at >= :from", *filter.from);
        if (filter.until) page.where("at < :until", *filter.until);
        return page.read<model::AuditEntry>(db, "at", filter.after, filter.limit);
    });
}

}  // namespace boni::store
