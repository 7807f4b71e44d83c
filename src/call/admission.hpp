// Which calls a tenant may have: status, route, concurrency, calls per second (api-semantics 7 and 10).
// Pure: takes `now`. Thread: control. Owner: Calls.
#pragma once

#include <optional>
#include <unordered_map>

#include "call/ending.hpp"
#include "store/store.hpp"

namespace boni::call {

class Admission {
  public:
    /// Nothing: the call may begin. `live`: calls of the tenant that were let in and have not ended.
    std::optional<Ending> refusal(store::Inbound const& inbound, std::size_t live, Steady now);

  private:
    /// calls_per_second as a token bucket one second deep: a burst of the whole rate, then evenly.
    struct Bucket {
        double tokens = 0;
        Steady at{};
        bool used = false;
    };
    bool over_rate(TenantId const& tenant, double per_second, Steady now);

    std::unordered_map<TenantId, Bucket> buckets_;   // one per tenant that ever got a call
};

}  // namespace boni::call
