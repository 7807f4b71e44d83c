// Idempotent requests that run in this process, and how many keys each tenant has (api-semantics 5). Thread: control. Owner: Store.
//
// Only an answer is worth a row: a request whose process dies was never answered, and its key is free again at the next start.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "store/store.hpp"

namespace boni::store {

class RunningRequests {
  public:
    /// The key is `running` until `end`. Conflict "idempotency_in_progress", or "idempotency_key_reused" for another request.
    Result<> begin(IdempotencyKey const& key) {
        auto const [at, fresh] = fingerprints_.try_emplace({key.tenant.str(), key.key}, key.fingerprint);
        if (fresh) return {};
        if (at->second != key.fingerprint) return reused();
        return fail(Errc::conflict, "the first request with this Idempotency-Key still runs", "Idempotency-Key", "idempotency_in_progress");
    }
    void end(IdempotencyKey const& key) { fingerprints_.erase({key.tenant.str(), key.key}); }

    /// Requests of the tenant that run beside the one that asks.
    std::int64_t others_of(TenantId const& tenant) const {
        auto const of_tenant = [&](auto const& running) { return running.first.first == tenant.str(); };
        auto const first = fingerprints_.lower_bound({tenant.str(), {}});
        auto const end = std::find_if_not(first, fingerprints_.end(), of_tenant);
        return std::distance(first, end) - 1;
    }

    struct Kept {
        std::optional<std::int64_t> keys;   ///< at least: what expired is not counted out. None: nobody has counted yet
        Instant full_until{};               ///< as many rows as there may be: until the oldest expires counting again is in vain
    };
    Kept& kept(TenantId const& tenant) { return kept_[tenant.str()]; }

    static std::unexpected<Error> reused() {
        return fail(Errc::conflict, "the Idempotency-Key belongs to another request", "Idempotency-Key", "idempotency_key_reused");
    }

  private:
    std::map<std::pair<std::string, std::string>, std::string> fingerprints_;   // bounded by the requests in flight
    std::unordered_map<std::string, Kept> kept_;                                // bounded by the tenants that write
};

}  // namespace boni::store
