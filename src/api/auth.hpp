// Whose request it is: X-API-Key to key and tenant (api-semantics 2). Thread: control. Owner: Api.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/wrong_keys.hpp"
#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/request.hpp"
#include "store/store.hpp"

namespace boni::api {

/// Shared with the requests that run with it. Never null.
using Owner = std::shared_ptr<store::KeyOwner const>;

class Keys {
  public:
    Keys(Clock& clock, store::Store& store, bool rate_limits)
        : clock_{clock}, store_{store}, wrong_{clock, rate_limits, "a valid API key is required in X-API-Key"} {}

    /// Errc::unauthorized, one text for every reason; Errc::limit when this address failed too often; Errc::unavailable.
    /// An address over its limit can still use keys that worked since the start of the process: behind a proxy everybody has the same.
    Task<Result<Owner>> authenticate(http::Request const& request);
    void forget(std::string_view hash);

  private:
    struct Known {
        Owner owner;
        Steady until{};
        std::optional<Instant> used_at;              ///< as it was written last
    };
    Known* known(std::string const& hash);
    Task<Result<Owner>> look_up(std::string hash);
    Task<> touch(std::string hash, Instant now);

    Clock& clock_;
    store::Store& store_;
    WrongKeys wrong_;
    std::unordered_map<std::string, Known> known_;   // by hash; bounded in look_up
    std::uint64_t forgotten_ = 0;                    // a lookup that began before `forget` must not fill the cache after it
};

/// `lastUsedAt` is exact to a minute: whether a use at `now` is to be written, after the one that was.
bool use_is_due(std::optional<Instant> written, Instant now);
/// Writes it; a failure is logged, for a key works without.
Task<> write_use(store::Store& store, KeyId key, Instant now);

/// Errc::forbidden tenant_suspended, tenant_disabled: nothing of such a tenant is given away, whoever asks (api-semantics 2).
Result<> in_good_standing(model::Tenant const& tenant);

/// Tenant status and key scope: Errc::forbidden tenant_provisioning, tenant_suspended, tenant_disabled, scope_missing.
/// `scope` none: GET /me, which every key may ask, whatever became of its tenant.
Result<> allowed(store::KeyOwner const& owner, std::string_view method, std::optional<model::Scope> scope);

}  // namespace boni::api
