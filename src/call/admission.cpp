#include "call/admission.hpp"

#include <algorithm>

namespace boni::call {

std::optional<Ending> Admission::refusal(store::Inbound const& inbound, std::size_t live, Steady now) {
    auto const& tenant = inbound.tenant;
    if (tenant.status == model::TenantStatus::suspended || tenant.status == model::TenantStatus::disabled) return ending::tenant_suspended();
    if (!inbound.route || inbound.route->status == model::RouteStatus::disabled) return ending::no_route();
    if (over_rate(tenant.id, tenant.limit("calls_per_second"), now)) return ending::rate_limit(1);
    if (double(live) >= tenant.limit("concurrent_calls")) return ending::concurrency_limit();
    return std::nullopt;
}

/// A burst of a whole second's calls, then evenly.
bool Admission::over_rate(TenantId const& tenant, double per_second, Steady now) {
    auto const burst = std::max(per_second, 1.0);
    auto& allowance = begun_.try_emplace(tenant, per_second, burst).first->second;
    allowance.change(per_second, burst);   // the operator may have
    return !allowance.take(now);
}

}  // namespace boni::call
