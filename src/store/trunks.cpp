#include "store/audit.hpp"
#include "store/database.hpp"

namespace boni::store {

Task<Result<>> Store::save_trunk(model::Trunk trunk, Audit audit) {
    return database_->write(audited(std::move(audit), [trunk = std::move(trunk)](Session& db) -> Result<> {
        static auto const upsert = upsert_into<model::Trunk>("trunks", "name", {"id", "created_at"});
        db.run_cells(upsert, cells_for(trunk));
        return {};
    }));
}

Task<Result<std::vector<model::Trunk>>> Store::trunks() {
    return database_->read([](Session& db) -> Result<std::vector<model::Trunk>> {
        return db.all_from<model::Trunk>("trunks ORDER BY name");
    });
}

Task<Result<>> Store::remove_trunk(std::string name, Audit audit) {
    return database_->write(audited(std::move(audit), [name = std::move(name)](Session& db) -> Result<> {
        auto const tied = db.one<int>("SELECT COUNT(*) FROM numbers WHERE trunk = :name", name).value_or(0);
        if (tied > 0) return fail(Errc::conflict, std::to_string(tied) + " numbers may arrive on this trunk only", "name", "trunk_in_use");
        if (db.run("DELETE FROM trunks WHERE name = :name", name) == 0) return fail(Errc::not_found, "no trunk is called " + name, "name");
        return {};
    }));
}

}  // namespace boni::store
