// Whoever names a webhook endpoint in what is saved. It was looked up before, and may have been removed while addresses were: a name that is
// nobody's is never written. Thread: the writer's.
#pragma once

#include "store/session.hpp"

namespace boni::store {

/// None is named, or it is the tenant's: else Errc::invalid "unknown_reference" at `field`.
inline Result<> endpoint_is_there(Session& db, TenantId const& tenant, EndpointId const& id, std::string field) {
    if (id.empty() || db.one<int>("SELECT 1 FROM endpoints WHERE id = :id AND tenant_id = :tenant", id, tenant)) return {};
    return fail(Errc::invalid, "there is no such webhook endpoint", std::move(field), "unknown_reference");
}

}  // namespace boni::store
