#include "stream/dialect.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace boni::stream {

std::string_view name(Track track) { return track == Track::inbound ? "inbound" : "outbound"; }

std::string as_json(std::string_view text) { return json::serialize(json::value(text)); }

Incoming said(std::string_view event, json::object const& message) {
    if (event == "clear") return incoming::Clear{};
    if (event == "mark") {
        auto const* const detail = json::object_at(message, "mark");
        auto const label = detail ? json::text(*detail, "name") : std::nullopt;
        if (!label) return incoming::Ignored{"mark_without_name"};
        return incoming::Mark{std::string{*label}};
    }
    if (event != "media") return incoming::Ignored{"unknown_event"};
    auto const* const detail = json::object_at(message, "media");
    auto const payload = detail ? json::text(*detail, "payload") : std::nullopt;
    if (!payload) return incoming::Ignored{"media_without_payload"};
    auto bytes = unbase64(*payload);
    if (!bytes) return incoming::Ignored{"invalid_base64"};
    return incoming::Audio{*std::move(bytes)};
}

Dialect const* find_dialect(std::string_view name) {
    auto const all = all_dialects();
    auto const found = std::ranges::find(all, name, &Dialect::name);
    return found == all.end() ? nullptr : *found;
}

}  // namespace boni::stream
