#include "store/audit.hpp"
#include "store/database.hpp"

namespace boni::store {

namespace {

Result<> name_is_free(Session& db, model::Team const& team) {
    if (db.one<int>("SELECT 1 FROM teams WHERE tenant_id = :tenant AND name = :name AND id <> :id", team.tenant, team.name, team.id))
        return fail(Errc::conflict, "a team is called " + team.name, "name", "duplicate_key");
    return {};
}

/// Routes, agents and wishes of the tenant that send calls to it.
bool is_used(Session& db, TenantId const& tenant, TeamId const& team) {
    auto const named = R"("teamId":")" + team.str() + '"';
    for (auto const* const sql :
         {"SELECT 1 FROM routes WHERE tenant_id = :tenant AND (instr(primary_json, :team) > 0 OR instr(fallback_json, :again) > 0)",
          "SELECT 1 FROM agents WHERE tenant_id = :tenant AND (instr(fallback_json, :team) > 0 OR instr(fallback_json, :again) > 0)",
          "SELECT 1 FROM whatsapp_calling WHERE tenant_id = :tenant AND (instr(default_route_json, :team) > 0 OR instr(default_route_json, :again) > 0)"})
        if (db.one<int>(sql, tenant, named, named)) return true;
    return false;
}

}  // namespace

Task<Result<>> Store::create_team(model::Team team, std::size_t teams_max, Audit audit) {
    return database_->write(audited(std::move(audit), [team = std::move(team), teams_max](Session& db) -> Result<> {
        static auto const insert = insert_into<model::Team>("teams");
        auto const count = db.one<std::size_t>("SELECT COUNT(*) FROM teams WHERE tenant_id = :tenant", team.tenant);
        if (count >= teams_max) return fail(Errc::conflict, "the tenant has all the teams it may have", {}, "limit_exceeded");
        CHECK_OK(name_is_free(db, team));
        db.run_cells(insert, cells_for(team));
        return {};
    }));
}

Task<Result<>> Store::update_team(model::Team team, Audit audit) {
    return database_->write(audited(std::move(audit), [team = std::move(team)](Session& db) -> Result<> {
        static auto const upsert = upsert_into<model::Team>("teams", "id", {"tenant_id", "created_at"});
        if (!db.one<int>("SELECT 1 FROM teams WHERE id = :id AND tenant_id = :tenant", team.id, team.tenant))
            return fail(Errc::not_found, "no such team");
        CHECK_OK(name_is_free(db, team));
        db.run_cells(upsert, cells_for(team));
        return {};
    }));
}

Task<Result<>> Store::delete_team(TenantId tenant, TeamId id, Audit audit) {
    return database_->write(audited(std::move(audit), [tenant, id](Session& db) -> Result<> {
        if (!db.one<int>("SELECT 1 FROM teams WHERE id = :id AND tenant_id = :tenant", id, tenant)) return fail(Errc::not_found, "no such team");
        if (is_used(db, tenant, id))
            return fail(Errc::conflict, "a route, an agent or a WhatsApp number sends calls to this team", {}, "team_in_use");
        db.run("DELETE FROM teams WHERE id = :id", id);
        return {};
    }));
}

Task<Result<model::Team>> Store::team(TenantId tenant, TeamId id) {
    return database_->read([tenant, id](Session& db) {
        return found(db.one_from<model::Team>("teams WHERE id = :id AND tenant_id = :tenant", id, tenant), "team");
    });
}

Task<Result<std::vector<model::Team>>> Store::teams(TenantId tenant) {
    return database_->read([tenant](Session& db) -> Result<std::vector<model::Team>> {
        return db.all_from<model::Team>("teams WHERE tenant_id = :tenant ORDER BY created_at, id", tenant);
    });
}

}  // namespace boni::store
