// Decides what may be sent now and learns from how it went: breakers, pace, slow lane and turns together. I/O-free; every
// input carries its time. Thread: control. Owner: Deliveries.
#pragma once

#include <set>
#include <unordered_map>

#include "webhook/breaker.hpp"
#include "webhook/pace.hpp"
#include "webhook/turns.hpp"

namespace boni::webhook {

class Dispatch {
  public:
    struct Plan {
        std::vector<store::Grant> grants;
        std::vector<store::Deferral> deferrals;          ///< endpoints whose breaker is open
    };
    Plan plan(std::vector<store::DueEndpoint> const& due, Instant now, Steady steady);

    /// false: this delivery is in flight already, because the clock jumped over its lease; it must not be sent twice.
    bool start(store::DueDelivery const& due, Steady now);
    /// The attempt's end as the endpoint gave it. true: its breaker opened or closed by it.
    bool finish(DeliveryId const& id, bool succeeded, std::chrono::milliseconds took, Steady now);
    /// It was cut short, by no fault of the endpoint: the process stops. Nothing happens when it had finished.
    void abandon(DeliveryId const& id);

    std::size_t in_flight() const { return flights_.size(); }
    bool broken(EndpointId const& endpoint) const;

  private:
    /// What is known of one endpoint; forgotten when it has nothing in flight and nothing to remember.
    struct Peer {
        Breaker breaker;
        Pace pace;
        std::multiset<Steady> in_flight;             ///< when each was started
        bool answered = false;                       ///< ever, as far as this process knows
        Instant changed_at{};                        ///< the endpoint, by a person
        bool mended = false;                         ///< changed since it broke, and not probed since then
        Steady used{};
    };
    struct Flight {
        EndpointId endpoint;
        TenantId tenant;
        Steady started{};
        bool slow = false;
        bool probe = false;
    };
    static constexpr auto overdue_after = 1s;            // an attempt in flight this long makes its endpoint doubtful
    static constexpr std::size_t peers_max = 10'000;     // beyond, the ones idle for an hour go: they start afresh
    void forget_idle(Steady now);
    Flight take(DeliveryId const& id);

    std::unordered_map<EndpointId, Peer> peers_;
    std::unordered_map<DeliveryId, Flight> flights_;
    InFlight in_flight_;
    Turns turns_;
};

}  // namespace boni::webhook
