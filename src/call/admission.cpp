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

bool Admission::over_rate(TenantId const& tenant, double per_second, Steady now) {
    auto& bucket = buckets_[tenant];
    auto const depth = std::max(per_second, 1.0);
    auto const passed = std::chrono::duration<double>(now - bucket.at).count();
    bucket.tokens = bucket.used ? std::min(depth, bucket.tokens + passed * per_second) : depth;
    bucket.used = true;
    bucket.at = now;
    if (bucket.tokens < 1) return true;
    bucket.tokens -= 1;
    return false;
}

}  // namespace boni::call
