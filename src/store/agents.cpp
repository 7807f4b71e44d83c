#include "store/database.hpp"
#include "store/references.hpp"
#include "store/requests.hpp"

namespace boni::store {

/// The plan is asked before the key: a tenant without room learns nothing else.
Task<Result<>> Store::create_agent(model::VoiceAgent agent, std::size_t agents_max, std::optional<FinishedRequest> finished) {
    return database_->write([agent = std::move(agent), agents_max, finished = std::move(finished)](Session& db) -> Result<> {
        static auto const insert = insert_into<model::VoiceAgent>("agents");
        auto const count = db.one<std::size_t>("SELECT COUNT(*) FROM agents WHERE tenant_id = :tenant", agent.tenant);
        if (count >= agents_max) return fail(Errc::forbidden, "the plan's number of voice agents is reached", {}, "plan_limit_reached");
        if (db.one<int>("SELECT 1 FROM agents WHERE tenant_id = :tenant AND key = :key", agent.tenant, agent.key))
            return fail(Errc::conflict, "an agent has the key " + agent.key, "key", "duplicate_key");
        if (agent.fallback) CHECK_OK(team_is_there(db, agent.tenant, *agent.fallback, "fallback."));
        db.run_cells(insert, cells_for(agent));
        if (finished) finish(db, *finished, agent.created_at);
        return {};
    });
}

Task<Result<model::VoiceAgent>> Store::agent(TenantId tenant, AgentId id) {
    return database_->look([tenant, id](Session& db) {
        auto const select = select_from<model::VoiceAgent>("agents WHERE id = :id AND tenant_id = :tenant");
        return found(db.one<model::VoiceAgent>(select, id, tenant), "voice agent");
    });
}

Task<Result<std::vector<model::VoiceAgent>>> Store::agents(TenantId tenant) {
    return database_->read([tenant](Session& db) -> Result<std::vector<model::VoiceAgent>> {
        return db.all_from<model::VoiceAgent>("agents WHERE tenant_id = :tenant ORDER BY created_at, id", tenant);
    });
}

}  // namespace boni::store
