// Who uses the platform: tenants, their plan, features, limits and API keys. Plain values; any thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::model {

enum class TenantStatus { provisioning, active, suspended, disabled };

struct Tenant {
    TenantId id;
    std::string key;           ///< short human name, unique: "demo"
    std::string display_name;
    std::string plan;
    TenantStatus status = TenantStatus::active;
    bool test = false;         ///< its environment: keys are vp_test_, calls reach only trunks marked `test`
    std::map<std::string, bool> features;    ///< overrides of feature_table defaults
    std::map<std::string, double> limits;    ///< overrides of limit_table defaults
    std::string control_secret;              ///< 32 raw bytes, sealed under the master key (context: tenant id)
    std::vector<std::string> allowed_prefixes{"+91"};   ///< where phone_number targets may lead
    Instant created_at{};

    bool feature(std::string_view name) const;
    /// What is enforced, and what /me shows: never under the limit's floor; without `high_concurrency` at most 30 calls at once.
    double limit(std::string_view name) const;
};

/// Every feature name with its default, and every limit with its default (api-semantics 7). /me shows them all.
struct FeatureDefault { std::string_view name; bool on; bool offered = true; };   ///< `offered`: there is code behind it, whoever has it
struct LimitDefault { std::string_view name; double value; double floor = 0; };   ///< `floor`: nobody can be given less
std::span<FeatureDefault const> feature_table();
std::span<LimitDefault const> limit_table();
constexpr double plain_concurrency_max = 30;   ///< `concurrent_calls` without the feature `high_concurrency`

enum class Scope { read, recordings, actions, write };

struct ApiKey {
    KeyId id;
    TenantId tenant;
    std::string name;
    std::string prefix;        ///< first 12 characters, for display
    std::string hash;          ///< SHA-256 of the whole key, hex
    std::vector<Scope> scopes;
    bool operator_key = false; ///< vp_oper_: valid on the operator listener only; `tenant` is empty
    Instant created_at{};
    std::optional<Instant> expires_at;
    std::optional<Instant> revoked_at;
    std::optional<Instant> last_used_at;   ///< written at most once a minute
};

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::TenantStatus> = names<model::TenantStatus>({
    {model::TenantStatus::provisioning, "provisioning"}, {model::TenantStatus::active, "active"},
    {model::TenantStatus::suspended, "suspended"}, {model::TenantStatus::disabled, "disabled"}});
template <>
inline constexpr auto names_of<model::Scope> = names<model::Scope>({
    {model::Scope::read, "read"}, {model::Scope::recordings, "recordings"}, {model::Scope::actions, "actions"}, {model::Scope::write, "write"}});
}  // namespace boni
