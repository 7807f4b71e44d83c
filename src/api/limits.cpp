#include "api/limits.hpp"

namespace boni::api {
namespace {

struct Extra {
    std::string key;
    Rate rate;
};

/// In a second where that is a whole number, else in a minute.
std::string quota(int each_minute) {
    auto const whole = each_minute > 0 && each_minute % 60 == 0;
    return "q=" + std::to_string(whole ? each_minute / 60 : each_minute) + (whole ? ";w=1" : ";w=60");
}

std::optional<Extra> extra_of(model::Tenant const& tenant, http::Request const& request, Operation const& operation) {
    switch (operation.bucket) {
        case ExtraBucket::lists: return Extra{"list " + tenant.id.str(), list_rate};
        case ExtraBucket::actions: return Extra{"call " + tenant.id.str() + ' ' + request.params.find("call_id")->second, action_rate};
        case ExtraBucket::replays: return Extra{"replay " + tenant.id.str(), replay_rate};
        case ExtraBucket::tests: return Extra{"test " + tenant.id.str(), test_rate};
        case ExtraBucket::none: break;
    }
    return std::nullopt;
}

}  // namespace

std::unexpected<Error> rate_limited(std::string what) { return fail(Errc::limit, std::move(what), {}, "rate_limited"); }

Result<> take(Buckets& buckets, store::KeyOwner const& owner, bool enforced, Steady now, Figures& figures) {
    auto const key_minute = owner.tenant.limit("key_requests_per_minute");
    auto const tenant_minute = owner.tenant.limit("requests_per_minute");
    figures.key_each_minute = int(key_minute);
    figures.tenant_each_minute = int(tenant_minute);
    struct Plan { std::string_view name; std::string key; Rate rate; };
    for (auto const& plan : {Plan{"key", "key " + owner.key.id.str(), plan_rate(key_minute)},
                             Plan{"tenant", "tenant " + owner.tenant.id.str(), plan_rate(tenant_minute)}}) {
        auto const taken = enforced ? buckets.take(plan.key, plan.rate, now) : Taken{.left = plan.rate.burst};
        if (figures.tightest.empty() || taken.left < figures.left) {
            figures.tightest = plan.name;
            figures.left = taken.left;
            figures.full_after = taken.full_after;
        }
        if (taken.allowed) continue;
        figures.retry_after = taken.retry_after;
        return rate_limited("too many requests of this " + std::string{plan.name});
    }
    return {};
}

Result<> take_own(Buckets& buckets, model::Tenant const& tenant, http::Request const& request, Operation const& operation, bool enforced,
                  Steady now, Figures& figures) {
    auto const extra = extra_of(tenant, request, operation);
    if (!enforced || !extra) return {};
    auto const taken = buckets.take(extra->key, extra->rate, now);
    if (taken.allowed) return {};
    figures.retry_after = taken.retry_after;
    return rate_limited("too many requests of this kind");
}

void tell(Figures const& figures, http::Response& response) {
    response.headers.set("RateLimit-Policy", "\"tenant\";" + quota(figures.tenant_each_minute) + ", \"key\";" + quota(figures.key_each_minute));
    response.headers.set("RateLimit", '"' + std::string{figures.tightest} + "\";r=" + std::to_string(figures.left) +
                                          ";t=" + std::to_string(figures.full_after.count()));
}

}  // namespace boni::api
