// Whose turn it is: slots go round by tenant, then by endpoint (events-and-webhooks 6, "Isolation"). All attempts weigh the same, so
// the deficit round robin is a plain one. Pure. Thread: one.
#pragma once

#include "store/store.hpp"

namespace boni::webhook {

constexpr std::size_t in_flight_max = 512;
constexpr std::size_t in_flight_slow_max = 128;          ///< of the 512, for endpoints that fail or dawdle, and for replays
constexpr std::size_t in_flight_tenant_max = 64;
constexpr std::size_t in_flight_doubtful_max = 48;       ///< of the 64: the rest is for endpoints that answer, and soon

/// An endpoint with something due, and how many more it may have in flight.
struct Candidate {
    EndpointId endpoint;
    TenantId tenant;
    bool replays = false;
    bool slow = false;
    bool doubtful = false;                               ///< slow, or it may be dead: it has never answered, or owes an answer
    std::size_t room = 0;                                ///< shared by the two rows of one endpoint
};

struct InFlight {
    std::size_t all = 0;
    std::size_t slow = 0;
    std::map<TenantId, std::size_t> by_tenant;
};

class Turns {
  public:
    /// Hands out what is free. Starts after the tenant, and within it after the endpoint, that was last in line before.
    std::vector<store::Grant> share(std::vector<Candidate> candidates, InFlight in_flight);

  private:
    TenantId last_tenant_;
    std::map<TenantId, EndpointId> last_endpoint_;       // of the tenants of the last round only
};

}  // namespace boni::webhook
