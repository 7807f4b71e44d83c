// A tenant with webhook endpoints and what is to be delivered to them, in a store of its own (temp_store.hpp).
#pragma once

#include "support/fake_clock.hpp"
#include "support/temp_store.hpp"

namespace boni::test {

struct DeliveriesStage : TempStore {
    DeliveriesStage() { ok(store->create_tenant(tenant)); }

    model::WebhookEndpoint endpoint(std::string url, std::vector<std::string> events) {
        return ok(store->upsert_endpoint(endpoint_row(tenant, std::move(url), std::move(events), start), 10)).endpoint;
    }
    std::vector<store::DueDelivery> lease(EndpointId const& id, Instant now, std::size_t count = 10, bool replays = false) {
        return ok(store->lease_due(now, now + 30s, {{id, replays, count}}));
    }
    void finish(store::DueDelivery const& due, Instant now, model::DeliveryStatus outcome, std::optional<Instant> next = {}) {
        store::AttemptResult result{.delivery = due.delivery.id, .number = due.delivery.attempt_count + 1, .started_at = now, .took = 20ms};
        result.outcome = outcome;
        result.status = outcome == model::DeliveryStatus::delivered ? 200 : 500;
        if (outcome != model::DeliveryStatus::delivered) result.error = "http_500";
        result.due_at = next;
        result.signature_timestamp = unix_seconds(now);
        result.signature = "v1=00";
        health = ok(store->finish_attempts({result}));
    }
    void switch_off(EndpointId const& id, std::string reason, Instant now) {
        auto const off = [reason = std::move(reason), now](model::WebhookEndpoint& row) -> Result<> {
            row.enabled = false;
            row.disabled_at = row.updated_at = now;
            row.disabled_reason = reason;
            return {};
        };
        ok(store->change_endpoint(tenant.id, id, off));
    }
    model::Delivery delivery(DeliveryId const& id) { return ok(store->delivery(tenant.id, id)); }
    std::size_t count(model::DeliveryStatus status) { return ok(store->deliveries({.tenant = tenant.id, .status = status, .limit = 100})).size(); }

    model::Tenant tenant = tenant_row("demo", start);
    std::vector<store::EndpointHealth> health;
};

}  // namespace boni::test
