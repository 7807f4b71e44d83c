#include "api/route_body.hpp"

#include "api/body.hpp"
#include "api/target_body.hpp"
#include "call/target.hpp"

namespace boni::api {
namespace {

constexpr std::size_t fallback_max = 8;

struct Checked {
    std::string at;                                 ///< "primary.", "fallback[1]."
    Result<model::Target> target;
};

std::vector<Checked> targets_of(json::object const& body, Asked const& asked, model::Channel channel) {
    call::CheckContext const context{asked.tenant, asked.services.policy, channel};
    std::vector<Checked> out;
    auto const add = [&](json::value const& target, std::string at) {
        auto checked = call::check_target(target, at, context);
        out.push_back({std::move(at), std::move(checked)});
    };
    add(*json::find(body, "primary"), "primary.");
    if (auto const* const fallback = json::array_at(body, "fallback"))
        for (std::size_t index = 0; index < fallback->size(); ++index)
            add((*fallback)[index], "fallback[" + std::to_string(index) + "].");
    return out;
}

Result<> first_of(std::vector<Checked> const& targets, Errc code) {
    for (auto const& [at, target] : targets)
        if (!target && target.error().code == code) return std::unexpected(target.error());
    return {};
}

Result<> check_recording(json::object const& body, model::Tenant const& tenant) {
    auto const* const recording = json::object_at(body, "recording");
    if (!recording || !json::boolean(*recording, "enabled").value_or(false)) return {};
    if (tenant.feature("recording")) return {};
    return call::feature_off("recording", "recording");
}

/// {webhookEndpointId?, subscribedEvents?}; an endpoint of somebody else does not exist.
Task<Result<json::object>> read_events(json::object events, Asked& asked) {
    json::object out;
    if (auto const id = json::text(events, "webhookEndpointId")) {
        auto const known = co_await asked.services.store.endpoint(asked.tenant.id, EndpointId::from(std::string{*id}));
        if (!known && known.error().code != Errc::not_found) co_return std::unexpected(known.error());
        if (!known) co_return refused("events.webhookEndpointId", "there is no such webhook endpoint", "unknown_reference");
        out["webhookEndpointId"] = *id;
    }
    if (json::find(events, "subscribedEvents")) {
        CO_TRY(auto const types, events_of(events, "subscribedEvents", "events."));
        out["subscribedEvents"] = json::array(types.begin(), types.end());
    }
    co_return out;
}

}  // namespace

Result<> check_route(json::object const& body, Asked const& asked) {
    if (!json::find(body, "primary")) return wrong("primary", "is required");
    if (json::find(body, "fallback") && !json::array_at(body, "fallback")) return wrong("fallback", "must be an array of targets");
    for (auto const* const name : {"events", "recording", "metadata"}) CHECK_OK(check_object(body, name, Presence::optional));
    if (auto const* const events = json::object_at(body, "events")) {
        CHECK_OK(check_text(*events, "webhookEndpointId", Presence::optional, "events."));
        CHECK_OK(check_events(*events, "subscribedEvents", Presence::optional, "events."));
    }
    if (auto const* const recording = json::object_at(body, "recording")) CHECK_OK(check_boolean(*recording, "enabled", "recording."));
    return first_of(targets_of(body, asked, model::Channel::pstn), Errc::malformed);
}

Task<Result<model::Route>> read_route(json::object body, Asked& asked, model::Channel channel) {
    auto targets = targets_of(body, asked, channel);
    CO_CHECK_OK(first_of(targets, Errc::forbidden));
    CO_CHECK_OK(check_recording(body, asked.tenant));
    CO_CHECK_OK(first_of(targets, Errc::invalid));
    if (auto const* const fallback = json::array_at(body, "fallback"); fallback && fallback->size() > fallback_max)
        co_return refused("fallback", "fallback takes at most 8 targets", "limit_exceeded");
    model::Route route{.tenant = asked.tenant.id};
    if (auto const* const metadata = json::object_at(body, "metadata")) {
        CO_CHECK_OK(check_metadata(*metadata, "metadata"));
        route.metadata = *metadata;
    }
    if (auto const* const recording = json::object_at(body, "recording")) {
        route.recording.emplace();
        if (auto const enabled = json::boolean(*recording, "enabled")) (*route.recording)["enabled"] = *enabled;
    }
    if (auto const* const events = json::object_at(body, "events")) {
        CO_TRY(route.events, co_await read_events(*events, asked));
    }
    for (auto const& [at, target] : targets) CO_CHECK_OK(co_await settle_target(asked, *target, at, {.channel = channel}));
    route.primary = *std::move(targets.front().target);
    for (auto rest = targets.begin() + 1; rest != targets.end(); ++rest) route.fallback.push_back(*std::move(rest->target));
    co_return route;
}

}  // namespace boni::api
