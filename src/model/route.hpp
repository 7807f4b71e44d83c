// Where a number's calls go: a primary target and ordered fallbacks. Plain values; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::model {

/// The contract's closed list of RouteTarget types, in its order. Which of them this build serves is known by the files in targets/.
constexpr std::string_view target_types[] = {"control_webhook", "ai_agent", "phone_number", "team",
                                             "sip_uri", "media_stream", "bow_chat", "hangup"};

/// The contract's RouteTarget: `type` and the fields of that type only; `fields` is exactly what is stored and
/// echoed, `type` included. What a type requires and means is known by its file in targets/.
struct Target {
    std::string type;
    json::object fields;

    std::optional<std::string_view> text(std::string_view name) const { return json::text(fields, name); }
    std::optional<std::int64_t> integer(std::string_view name) const { return json::integer(fields, name); }
    bool operator==(Target const&) const = default;
};

enum class RouteStatus { active, disabled, failing };

struct Route {
    RouteId id;
    NumberId number;
    TenantId tenant;
    Target primary;
    std::vector<Target> fallback;
    std::optional<json::object> events;      ///< {webhookEndpointId?, subscribedEvents?} as saved
    std::optional<json::object> recording;   ///< {enabled?} as saved
    std::optional<json::object> metadata;
    RouteStatus status = RouteStatus::active;
    Instant created_at{};
    Instant updated_at{};

    /// Target at `index`: 0 is the primary, n is fallback[n-1]; nullptr beyond the end.
    Target const* at(std::size_t index) const {
        if (index == 0) return &primary;
        return index <= fallback.size() ? &fallback[index - 1] : nullptr;
    }
    bool records() const { return recording && json::boolean(*recording, "enabled").value_or(false); }
    EndpointId webhook_endpoint() const {
        auto const id = events ? json::text(*events, "webhookEndpointId") : std::nullopt;
        return id ? EndpointId::from(std::string{*id}) : EndpointId{};
    }
    std::optional<std::vector<std::string>> subscribed_events() const;   ///< none: it does not say
};

/// From stored or accepted JSON; without a type its `type` is empty.
Target target_from(json::object const& in);
json::object to_json(Route const& route);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::RouteStatus> = names<model::RouteStatus>({
    {model::RouteStatus::active, "active"}, {model::RouteStatus::disabled, "disabled"}, {model::RouteStatus::failing, "failing"}});
}  // namespace boni
