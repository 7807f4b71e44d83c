// GET and POST /webhook-endpoints, POST /webhook-endpoints/{webhook_endpoint_id}/test (events-and-webhooks 3 and 5).
#include "api/body.hpp"
#include "api/destination.hpp"
#include "api/page.hpp"
#include "api/sample_event.hpp"
#include "base/crypto.hpp"
#include "webhook/delivery.hpp"

namespace boni::api {
namespace {

json::object shown(model::WebhookEndpoint const& endpoint) {
    json::object out{{"id", endpoint.id.str()}, {"url", endpoint.url}, {"events", json::array(endpoint.events.begin(), endpoint.events.end())},
                     {"enabled", endpoint.enabled}, {"signingSecretPrefix", endpoint.secret_prefix},
                     {"createdAt", rfc3339(endpoint.created_at)}, {"updatedAt", rfc3339(endpoint.updated_at)}};
    if (endpoint.disabled_at) out["disabledAt"] = rfc3339(*endpoint.disabled_at);
    if (!endpoint.disabled_reason.empty()) out["disabledReason"] = endpoint.disabled_reason;
    return out;
}

Task<Result<Answer>> list_endpoints(Asked& asked) {
    CO_TRY(auto const limit, limit_of(asked.request, 100));
    CO_TRY(auto const after, cursor_of(asked, {}));
    CO_TRY(auto endpoints, co_await asked.services.store.endpoints(asked.tenant.id));
    auto const page = page_of(std::move(endpoints), Order::newest_first, after, limit);
    json::array rows;
    for (auto const& endpoint : page.rows) rows.push_back(shown(endpoint));
    co_return page_answer(asked, std::move(rows), page.next, {});
}

Result<> check_endpoint(Asked const& asked) {
    CHECK_OK(check_text(asked.body, "url", Presence::required));
    CHECK_OK(check_events(asked.body, "events", Presence::required));
    return check_boolean(asked.body, "enabled");
}

/// The plan is asked before the URL is looked at; the store asks again, in the transaction that inserts.
Task<Result<>> check_endpoints_left(Asked& asked, std::string url) {
    CO_TRY(auto const endpoints, co_await asked.services.store.endpoints(asked.tenant.id));
    auto const known = std::ranges::find(endpoints, url, &model::WebhookEndpoint::url) != endpoints.end();
    if (known || double(endpoints.size()) < asked.tenant.limit("webhook_endpoints")) co_return Result<>{};
    co_return fail(Errc::forbidden, "the plan's number of webhook endpoints is reached", {}, "plan_limit_reached");
}

/// An upsert by URL. Only a new endpoint uses the fresh secret, and only its first answer shows it.
Task<Result<Answer>> save_endpoint(Asked& asked) {
    std::string const url{*json::text(asked.body, "url")};
    CO_CHECK_OK(co_await check_endpoints_left(asked, url));
    CO_TRY(auto events, events_of(asked.body, "events"));
    CO_CHECK_OK(co_await vet(asked, url, egress::Use::https, "url"));
    auto const secret = webhook::new_signing_secret();
    model::WebhookEndpoint endpoint{.id = EndpointId::fresh(asked.now), .tenant = asked.tenant.id, .url = url, .events = std::move(events),
                                    .enabled = json::boolean(asked.body, "enabled").value_or(true)};
    endpoint.secret = seal(asked.services.master_key.reveal(), secret.raw.reveal(), endpoint.id.str());
    endpoint.secret_prefix = secret.prefix;
    endpoint.created_at = endpoint.updated_at = asked.now;
    auto const most = std::size_t(asked.tenant.limit("webhook_endpoints"));
    // What a repetition is answered with, without the secret.
    auto const finished_with = [key = asked.key](model::WebhookEndpoint const& saved) -> std::optional<store::FinishedRequest> {
        if (!key) return std::nullopt;
        return store::FinishedRequest{*key, {201, json::serialize(shown(saved))}};
    };
    CO_TRY(auto const saved, co_await asked.services.store.upsert_endpoint(std::move(endpoint), most, finished_with));
    auto body = shown(saved.endpoint);
    if (saved.created) body["signingSecret"] = secret.shown;
    co_return Answer{.status = 201, .body = std::move(body), .stored = true};
}

Result<> check_test(Asked const& asked) {
    auto const* const event = json::find(asked.body, "event");
    return event ? check_event(*event, "event") : Result<>{};
}

Task<Result<Answer>> test(Asked& asked) {
    auto& store = asked.services.store;
    CO_TRY(auto const endpoint, co_await store.endpoint(asked.tenant.id, EndpointId::from(asked.param("webhook_endpoint_id"))));
    if (!endpoint.enabled) co_return fail(Errc::conflict, "the endpoint is switched off", {}, "endpoint_disabled");
    auto const type = json::text(asked.body, "event").value_or("call.completed");
    store::Commit commit{.events = {sample_event(asked.tenant.id, type, asked.now)}, .only_endpoint = endpoint.id};
    commit.finished = finished(asked, 202, nullptr);
    CO_CHECK_OK(co_await store.commit(std::move(commit)));
    co_return Answer{.status = 202, .stored = true};
}

constexpr Operation endpoint_operations[] = {
    {"GET", "/webhook-endpoints", model::Scope::read, ExtraBucket::lists, check_page, list_endpoints},
    {"POST", "/webhook-endpoints", model::Scope::write, ExtraBucket::none, check_endpoint, save_endpoint},
    {"POST", "/webhook-endpoints/{webhook_endpoint_id}/test", model::Scope::write, ExtraBucket::tests, check_test, test},
};

}  // namespace

extern Resource const webhook_endpoints_resource{endpoint_operations};

}  // namespace boni::api
