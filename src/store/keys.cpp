#include "store/audit.hpp"
#include "store/database.hpp"

namespace boni::store {

Task<Result<>> Store::create_key(model::ApiKey key, Audit audit) {
    return database_->write(audited(std::move(audit), [key = std::move(key)](Session& db) -> Result<> {
        static auto const insert = insert_into<model::ApiKey>("api_keys");
        db.run_cells(insert, cells_for(key));
        return {};
    }));
}

/// Revoked and expired keys are found too: the caller answers all of them alike and counts them apart.
Task<Result<std::optional<KeyOwner>>> Store::key_by_hash(std::string hash) {
    return database_->look_together([hash](Session& db) -> Result<std::optional<KeyOwner>> {
        auto key = db.one_from<model::ApiKey>("api_keys WHERE hash = :hash", hash);
        if (!key) return std::nullopt;
        auto tenant = db.one_from<model::Tenant>("tenants WHERE id = :id", key->tenant);
        if (!tenant && !key->operator_key) return std::nullopt;
        return KeyOwner{*std::move(key), std::move(tenant).value_or(model::Tenant{})};
    });
}

Task<Result<std::vector<model::ApiKey>>> Store::keys(TenantId tenant) {
    return database_->read([tenant](Session& db) -> Result<std::vector<model::ApiKey>> {
        return db.all_from<model::ApiKey>("api_keys WHERE tenant_id = :tenant ORDER BY created_at, id", tenant);
    });
}

/// The first revocation counts; a second one changes nothing.
Task<Result<>> Store::revoke_key(KeyId id, Instant at, Audit audit) {
    return database_->write(audited(std::move(audit), [id, at](Session& db) -> Result<> {
        if (db.run("UPDATE api_keys SET revoked_at = COALESCE(revoked_at, :at) WHERE id = :id", at, id) == 0)
            return fail(Errc::not_found, "no such key");
        return {};
    }));
}

Task<Result<>> Store::touch_key(KeyId id, Instant at) {
    return database_->write_soon([id, at](Session& db) -> Result<> {
        db.run("UPDATE api_keys SET last_used_at = :at WHERE id = :id", at, id);
        return {};
    });
}

}  // namespace boni::store
