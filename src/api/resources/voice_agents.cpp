// GET and POST /voice-agents, GET /voice-agents/{voice_agent_id}: agents as their tenant describes them (voice-agents 9).
#include "api/agent_body.hpp"
#include "api/page.hpp"
#include "call/action.hpp"

namespace boni::api {
namespace {

Task<Result<Answer>> list_agents(Asked& asked) {
    CO_TRY(auto const limit, limit_of(asked.request, 100));
    CO_TRY(auto const after, cursor_of(asked, {}));
    CO_TRY(auto agents, co_await asked.services.store.agents(asked.tenant.id));
    auto const page = page_of(std::move(agents), Order::oldest_first, after, limit);
    json::array rows;
    for (auto const& agent : page.rows) rows.push_back(model::to_json(agent));
    co_return page_answer(asked, std::move(rows), page.next, {});
}

Task<Result<Answer>> get_agent(Asked& asked) {
    CO_TRY(auto const agent, co_await asked.services.store.agent(asked.tenant.id, AgentId::from(asked.param("voice_agent_id"))));
    co_return Answer{.body = model::to_json(agent)};
}

/// Feature and plan before the body's meaning; the store asks about the plan again, in the transaction that inserts.
Task<Result<>> check_agents_left(Asked& asked) {
    if (!asked.tenant.feature("ai_agents")) co_return call::feature_off("a voice agent", "ai_agents");
    CO_TRY(auto const agents, co_await asked.services.store.agents(asked.tenant.id));
    if (double(agents.size()) < asked.tenant.limit("voice_agents")) co_return Result<>{};
    co_return fail(Errc::forbidden, "the plan's number of voice agents is reached", {}, "plan_limit_reached");
}

Task<Result<Answer>> create_agent(Asked& asked) {
    CO_CHECK_OK(co_await check_agents_left(asked));
    CO_TRY(auto agent, co_await read_agent(asked));
    agent.id = AgentId::fresh(asked.now);
    agent.created_at = agent.updated_at = asked.now;
    json::value const body = model::to_json(agent);
    auto const most = std::size_t(asked.tenant.limit("voice_agents"));
    CO_CHECK_OK(co_await asked.services.store.create_agent(std::move(agent), most, finished(asked, 201, &body)));
    co_return Answer{.status = 201, .body = body, .stored = true};
}

constexpr Operation agent_operations[] = {
    {"GET", "/voice-agents", model::Scope::read, ExtraBucket::lists, check_page, list_agents},
    {"POST", "/voice-agents", model::Scope::write, ExtraBucket::none, check_agent, create_agent},
    {"GET", "/voice-agents/{voice_agent_id}", model::Scope::read, ExtraBucket::none, nullptr, get_agent},
};

}  // namespace

extern Resource const voice_agents_resource{agent_operations};

}  // namespace boni::api
