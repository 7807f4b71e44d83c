#include "model/route.hpp"

namespace boni::model {

std::optional<std::vector<std::string>> Route::subscribed_events() const {
    auto const* const types = events ? json::array_at(*events, "subscribedEvents") : nullptr;
    if (!types) return std::nullopt;
    std::vector<std::string> out;
    for (auto const& type : *types)
        if (auto const* const text = type.if_string()) out.emplace_back(*text);
    return out;
}

Target target_from(json::object const& in) {
    return {json::text_or_empty(in, "type"), in};
}

json::object to_json(Route const& route) {
    json::object out;
    out["id"] = route.id.str();
    out["numberId"] = route.number.str();
    out["status"] = name(route.status);
    out["primary"] = route.primary.fields;
    auto& fallback = out["fallback"].emplace_array();
    for (auto const& target : route.fallback) fallback.push_back(target.fields);
    if (route.events) out["events"] = *route.events;
    if (route.recording) out["recording"] = *route.recording;
    if (route.metadata) out["metadata"] = *route.metadata;
    out["createdAt"] = rfc3339(route.created_at);
    out["updatedAt"] = rfc3339(route.updated_at);
    return out;
}

}  // namespace boni::model
