// Which calls a tenant may have: status, route, concurrency, calls per second (api-semantics 7 and 10).
// Pure: takes `now`. Thread: control. Owner: Calls.
#pragma once

#include <optional>
#include <unordered_map>

#include "base/allowance.hpp"
#include "call/ending.hpp"
#include "store/store.hpp"

namespace boni::call {

class Admission {
  public:
    /// Nothing: the call may begin. `live`: calls of the tenant that were let in and have not ended.
    std::optional<Ending> refusal(store::Inbound const& inbound, std::size_t live, Steady now);

  private:
    bool over_rate(TenantId const& tenant, double per_second, Steady now);

    std::unordered_map<TenantId, Allowance> begun_;   // one per tenant that ever got a call
};

}  // namespace boni::call
