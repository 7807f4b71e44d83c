// What a call has used, counted and priced in the transaction that tells of it (api-semantics 11). Thread: the writer's.
#pragma once

#include "model/usage.hpp"
#include "store/session.hpp"

namespace boni::store {

/// Whose use of what: a call's id or a day.
struct Subject {
    TenantId tenant;
    std::string name;
    Instant started_at{};
};

/// Sets the row of (subject, type) to `metered.quantity`, rounded up to the plan's pulse; less than what is there changes nothing.
/// The rest of the month's included quantity is used up first.
void meter(Session& db, Subject const& subject, model::Metered const& metered, Instant now);

/// Sums of what began on days in India that begin in [from, until), in the order of the table; what was not used is left out.
std::vector<model::UsageTotal> usage_of(Session& db, TenantId const& tenant, Instant from, Instant until);

}  // namespace boni::store
