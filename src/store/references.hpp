// Who names a webhook endpoint or a team in what is saved. They were looked up before, and may have been removed while addresses were: a name
// that is nobody's is never written. Thread: the writer's.
#pragma once

#include "model/route.hpp"
#include "store/session.hpp"

namespace boni::store {

/// None is named, or it is the tenant's: else Errc::invalid "unknown_reference" at `field`.
inline Result<> endpoint_is_there(Session& db, TenantId const& tenant, EndpointId const& id, std::string field) {
    if (id.empty() || db.one<int>("SELECT 1 FROM endpoints WHERE id = :id AND tenant_id = :tenant", id, tenant)) return {};
    return fail(Errc::invalid, "there is no such webhook endpoint", std::move(field), "unknown_reference");
}

/// The target is no team, or one of the tenant's; `at` is "primary." or the like.
inline Result<> team_is_there(Session& db, TenantId const& tenant, model::Target const& target, std::string const& at) {
    auto const id = target.type == "team" ? target.text("teamId") : std::nullopt;
    if (!id || db.one<int>("SELECT 1 FROM teams WHERE id = :id AND tenant_id = :tenant", std::string{*id}, tenant)) return {};
    return fail(Errc::invalid, "there is no such team", at + "teamId", "unknown_reference");
}

inline Result<> teams_are_there(Session& db, TenantId const& tenant, model::Target const& primary, std::vector<model::Target> const& fallback,
                                std::string const& at = {}) {
    CHECK_OK(team_is_there(db, tenant, primary, at + "primary."));
    for (std::size_t index = 0; index < fallback.size(); ++index)
        CHECK_OK(team_is_there(db, tenant, fallback[index], at + "fallback[" + std::to_string(index) + "]."));
    return {};
}

}  // namespace boni::store
