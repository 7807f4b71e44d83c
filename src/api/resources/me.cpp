// GET /me: the tenant of the key, with every limit that is enforced and every feature (api-semantics 7). One that is not offered yet is off,
// whatever the plan says: what needs it answers 403.
#include "api/resource.hpp"

namespace boni::api {
namespace {

/// 10, not 1E1: limits are whole almost always.
json::value number(double value) {
    auto const whole = static_cast<std::int64_t>(value);
    return double(whole) == value ? json::value(whole) : json::value(value);
}

Task<Result<Answer>> get_me(Asked& asked) {
    auto const& tenant = asked.tenant;
    json::object features, limits;
    for (auto const& feature : model::feature_table()) features[feature.name] = feature.offered && tenant.feature(feature.name);
    for (auto const& limit : model::limit_table()) limits[limit.name] = number(tenant.limit(limit.name));
    co_return Answer{.body = json::object{{"id", tenant.id.str()}, {"key", tenant.key}, {"displayName", tenant.display_name},
                                          {"plan", tenant.plan}, {"status", name(tenant.status)}, {"features", std::move(features)},
                                          {"limits", std::move(limits)}}};
}

constexpr Operation me_operations[] = {{"GET", "/me", std::nullopt, ExtraBucket::none, nullptr, get_me}};

}  // namespace

extern Resource const me_resource{me_operations};

}  // namespace boni::api
