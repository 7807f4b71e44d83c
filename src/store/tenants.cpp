#include "store/audit.hpp"
#include "store/database.hpp"
#include "store/page.hpp"

namespace boni::store {

Task<Result<>> Store::create_tenant(model::Tenant tenant, Audit audit) {
    return database_->write(audited(std::move(audit), [tenant = std::move(tenant)](Session& db) -> Result<> {
        static auto const insert = insert_into<model::Tenant>("tenants");
        if (db.one<int>("SELECT 1 FROM tenants WHERE key = :key", tenant.key))
            return fail(Errc::conflict, "a tenant has the key " + tenant.key, "key", "duplicate_key");
        db.run_cells(insert, cells_for(tenant));
        return {};
    }));
}

Task<Result<>> Store::update_tenant(model::Tenant tenant, Audit audit) {
    return database_->write(audited(std::move(audit), [tenant = std::move(tenant)](Session& db) -> Result<> {
        static auto const upsert = upsert_into<model::Tenant>("tenants", "id", {"created_at"});
        if (!db.one<int>("SELECT 1 FROM tenants WHERE id = :id", tenant.id)) return fail(Errc::not_found, "no such tenant");
        if (db.one<int>("SELECT 1 FROM tenants WHERE key = :key AND id <> :id", tenant.key, tenant.id))
            return fail(Errc::conflict, "a tenant has the key " + tenant.key, "key", "duplicate_key");
        db.run_cells(upsert, cells_for(tenant));
        return {};
    }));
}

Task<Result<model::Tenant>> Store::tenant(TenantId id) {
    return database_->look([id](Session& db) {
        return found(db.one_from<model::Tenant>("tenants WHERE id = :id", id), "tenant");
    });
}

Task<Result<model::Tenant>> Store::tenant_by_key(std::string key) {
    return database_->look([key](Session& db) {
        return found(db.one_from<model::Tenant>("tenants WHERE key = :key", key), "tenant");
    });
}

Task<Result<std::vector<model::Tenant>>> Store::tenants() {
    return database_->read([](Session& db) -> Result<std::vector<model::Tenant>> {
        return db.all_from<model::Tenant>("tenants ORDER BY created_at, id");
    });
}

Task<Result<std::vector<model::Tenant>>> Store::tenant_page(PageAfter after, std::size_t limit) {
    return database_->read([after = std::move(after), limit](Session& db) -> Result<std::vector<model::Tenant>> {
        return Page{select_from<model::Tenant>("tenants")}.read<model::Tenant>(db, "created_at", after, limit, Order::oldest_first);
    });
}

}  // namespace boni::store
