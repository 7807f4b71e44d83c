#include "webhook/dispatch.hpp"

namespace boni::webhook {

Dispatch::Plan Dispatch::plan(std::vector<store::DueEndpoint> const& due, Instant now, Steady steady) {
    forget_idle(steady);
    Plan plan;
    std::vector<Candidate> candidates;
    for (auto const& one : due) {
        auto& peer = peers_[one.endpoint];
        peer.used = steady;
        auto const& breaker = peer.breaker;
        auto const changed = std::exchange(peer.changed_at, one.changed_at) != one.changed_at;
        peer.mended = breaker.open() && (peer.mended || changed);
        auto const wished = one.replays || peer.mended;
        auto room = peer.pace.in_flight_limit() - std::min(peer.in_flight.size(), peer.pace.in_flight_limit());
        if (breaker.open()) {
            if (auto const probe_at = breaker.probe_at(wished); steady < probe_at) {
                plan.deferrals.push_back({one.endpoint, one.replays, now + std::chrono::ceil<std::chrono::microseconds>(probe_at - steady)});
                continue;
            }
            room = breaker.may_probe(steady, wished) ? 1 : 0;   // while a probe is out the rest waits for its result
        }
        if (room == 0) continue;
        auto const slow = peer.pace.slow() || breaker.open();
        auto const overdue = !peer.in_flight.empty() && steady - *peer.in_flight.begin() > overdue_after;
        candidates.push_back({one.endpoint, one.tenant, one.replays, slow, slow || overdue || !peer.answered, room});
    }
    plan.grants = turns_.share(std::move(candidates), in_flight_);
    return plan;
}

bool Dispatch::start(store::DueDelivery const& due, Steady now) {
    auto const& delivery = due.delivery;
    if (flights_.contains(delivery.id)) return false;
    auto& peer = peers_[delivery.endpoint];
    Flight const flight{delivery.endpoint, delivery.tenant, now, peer.pace.slow() || peer.breaker.open() || delivery.replay, peer.breaker.open()};
    if (flight.probe) {
        peer.breaker.probe_sent(now);
        peer.mended = false;
    }
    flights_.emplace(delivery.id, flight);
    peer.in_flight.insert(now);
    ++in_flight_.all;
    ++in_flight_.by_tenant[flight.tenant];
    in_flight_.slow += flight.slow ? 1 : 0;
    return true;
}

bool Dispatch::finish(DeliveryId const& id, bool succeeded, std::chrono::milliseconds took, Steady now) {
    auto const flight = take(id);
    auto& peer = peers_[flight.endpoint];
    peer.used = now;
    peer.answered = peer.answered || succeeded;
    if (!succeeded) {
        peer.pace.failed(took);
        return peer.breaker.failed(now);
    }
    peer.pace.succeeded(took);
    auto const closed = peer.breaker.succeeded(now);
    if (closed) peer.pace.restart();
    return closed;
}

void Dispatch::abandon(DeliveryId const& id) {
    if (!flights_.contains(id)) return;
    auto const flight = take(id);
    if (flight.probe) peers_[flight.endpoint].breaker.probe_lost();
}

bool Dispatch::broken(EndpointId const& endpoint) const {
    auto const found = peers_.find(endpoint);
    return found != peers_.end() && found->second.breaker.open();
}

Dispatch::Flight Dispatch::take(DeliveryId const& id) {
    auto const found = flights_.find(id);
    ENSURE(found != flights_.end());
    auto flight = std::move(found->second);
    flights_.erase(found);
    auto& started = peers_[flight.endpoint].in_flight;
    started.erase(started.find(flight.started));
    --in_flight_.all;
    in_flight_.slow -= flight.slow ? 1 : 0;
    if (auto const left = --in_flight_.by_tenant[flight.tenant]; left == 0) in_flight_.by_tenant.erase(flight.tenant);
    return flight;
}

void Dispatch::forget_idle(Steady now) {
    if (peers_.size() < peers_max) return;
    std::erase_if(peers_, [now](auto const& one) { return one.second.in_flight.empty() && now - one.second.used > 1h; });
}

}  // namespace boni::webhook
