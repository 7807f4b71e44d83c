// Webhook endpoints of a tenant: on and off, signature mode, rotation of the secret, removal (events-and-webhooks 4 and 5).
#include "admin/operation.hpp"
#include "base/crypto.hpp"
#include "webhook/delivery.hpp"

namespace boni::admin {
namespace {

constexpr std::int64_t overlap_default = 86'400;      // seconds, 24 h
constexpr std::int64_t overlap_min = 3'600;
constexpr std::int64_t overlap_max = 7 * 86'400;

json::object shown(model::WebhookEndpoint const& endpoint, Instant now) {
    json::object out{{"id", endpoint.id.str()}, {"url", endpoint.url}, {"events", json::array(endpoint.events.begin(), endpoint.events.end())},
                     {"enabled", endpoint.enabled}, {"signingSecretPrefix", endpoint.secret_prefix},
                     {"signatureMode", endpoint.single_signature ? "single" : "list"}, {"createdAt", rfc3339(endpoint.created_at)},
                     {"updatedAt", rfc3339(endpoint.updated_at)}};
    if (endpoint.disabled_at) out["disabledAt"] = rfc3339(*endpoint.disabled_at);
    if (!endpoint.disabled_reason.empty()) out["disabledReason"] = endpoint.disabled_reason;
    if (endpoint.previous_until && *endpoint.previous_until > now) out["previousSecretUntil"] = rfc3339(*endpoint.previous_until);
    return out;
}

Task<Result<model::WebhookEndpoint>> endpoint_of(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    co_return co_await asked.services.store.endpoint(tenant.id, EndpointId::from(asked.param("endpoint_id")));
}

Task<Result<Answer>> list_endpoints(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto endpoints, co_await asked.services.store.endpoints(tenant.id));
    co_return page_of_few(asked, std::move(endpoints), [&](auto const& endpoint) { return shown(endpoint, asked.now); });
}

/// What the tenant and the platform do with it meanwhile is before it or after it, and never lost.
Task<Result<model::WebhookEndpoint>> change(Asked& asked, model::WebhookEndpoint known, std::function<Result<>(model::WebhookEndpoint&)> how) {
    auto work = [how = std::move(how), now = asked.now](model::WebhookEndpoint& endpoint) -> Result<> {
        CHECK_OK(how(endpoint));
        endpoint.updated_at = now;
        return {};
    };
    co_return co_await asked.services.store.change_endpoint(known.tenant, known.id, std::move(work), asked.entry(known.id.str()));
}

void switch_on(model::WebhookEndpoint& endpoint, bool on, Instant now) {
    if (on == endpoint.enabled) return;
    endpoint.enabled = on;
    endpoint.disabled_at = on ? std::nullopt : std::optional{now};
    endpoint.disabled_reason = on ? "" : "operator";
}

Task<Result<Answer>> change_endpoint(Asked& asked) {
    CO_TRY(auto const known, co_await endpoint_of(asked));
    CO_CHECK_OK(only(asked.body, {"enabled", "signatureMode"}));
    CO_TRY(auto const enabled, flag_of(asked.body, "enabled"));
    CO_TRY(auto const mode, text_of(asked.body, "signatureMode"));
    if (mode && *mode != "list" && *mode != "single") co_return wrong("signatureMode", "must be list or single");
    CO_TRY(auto const endpoint, co_await change(asked, known, [=, now = asked.now](model::WebhookEndpoint& changed) -> Result<> {
        if (mode) changed.single_signature = *mode == "single";
        if (enabled) switch_on(changed, *enabled, now);
        return {};
    }));
    co_return Answer{.body = shown(endpoint, asked.now)};
}

/// The old secret signs beside the new one until the overlap is over.
Task<Result<Answer>> rotate_secret(Asked& asked) {
    CO_TRY(auto const known, co_await endpoint_of(asked));
    CO_CHECK_OK(only(asked.body, {"overlapSeconds"}));
    auto overlap = overlap_default;
    if (json::find(asked.body, "overlapSeconds")) {
        auto const wish = json::integer(asked.body, "overlapSeconds");
        if (!wish || *wish < overlap_min || *wish > overlap_max) co_return wrong("overlapSeconds", "must be a whole number from 3600 to 604800");
        overlap = *wish;
    }
    auto const fresh = webhook::new_signing_secret();
    auto sealed = seal(asked.services.master_key.reveal(), fresh.raw.reveal(), known.id.str());
    auto rotate = [sealed = std::move(sealed), prefix = fresh.prefix, overlap, now = asked.now](model::WebhookEndpoint& rotated) -> Result<> {
        if (rotated.previous_until && *rotated.previous_until > now)
            return fail(Errc::conflict, "a rotation is in progress; revoke the previous secret first", {}, "rotation_in_progress");
        rotated.previous_secret = std::exchange(rotated.secret, sealed);
        rotated.previous_until = now + std::chrono::seconds{overlap};
        rotated.secret_prefix = prefix;
        return {};
    };
    CO_TRY(auto const endpoint, co_await change(asked, known, std::move(rotate)));
    auto answer = shown(endpoint, asked.now);
    answer["signingSecret"] = fresh.shown;
    co_return Answer{.body = std::move(answer)};
}

/// "Revoke now": ends the overlap.
Task<Result<Answer>> revoke_previous(Asked& asked) {
    CO_TRY(auto const known, co_await endpoint_of(asked));
    CO_CHECK_OK(co_await change(asked, known, [](model::WebhookEndpoint& endpoint) -> Result<> {
        endpoint.previous_secret.clear();
        endpoint.previous_until.reset();
        return {};
    }));
    co_return Answer{204, {}};
}

Task<Result<Answer>> remove_endpoint(Asked& asked) {
    CO_TRY(auto const endpoint, co_await endpoint_of(asked));
    CO_CHECK_OK(co_await asked.services.store.delete_endpoint(endpoint.tenant, endpoint.id, asked.now, asked.entry(endpoint.id.str())));
    co_return Answer{204, {}};
}

}  // namespace

std::span<Operation const> webhook_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/tenants/{tenant}/webhook-endpoints", list_endpoints, page_parameters},
        {"PATCH", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint_id}", change_endpoint},
        {"DELETE", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint_id}", remove_endpoint},
        {"POST", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint_id}/rotate-secret", rotate_secret},
        {"DELETE", "/v1/tenants/{tenant}/webhook-endpoints/{endpoint_id}/previous-secret", revoke_previous},
    };
    return operations;
}

}  // namespace boni::admin
