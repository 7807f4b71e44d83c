#include "stream/dialect.hpp"

#include <algorithm>

#include "base/crypto.hpp"

namespace boni::stream {

std::string_view name(Track track) { return track == Track::inbound ? "inbound" : "outbound"; }

std::string as_json(std::string_view text) { return json::serialize(json::value(text)); }

Incoming understood(std::string_view text, std::initializer_list<std::string_view> events) {
    std::vector<json::Place> places{{"mark", "name"}, {"media", "payload"}};
    for (auto const name : events) places.push_back({"", name});
    auto picked = json::pick(text, places);
    if (!picked) return incoming::Ignored{"invalid_json"};
    auto& label = (*picked)[0];
    auto const& payload = (*picked)[1];
    auto const named = std::find_if(picked->begin() + 2, picked->end(), [](auto const& one) { return one.has_value(); });
    auto const event = named == picked->end() ? std::string_view{} : std::string_view{**named};
    if (event == "clear") return incoming::Clear{};
    if (event == "mark") {
        if (!label) return incoming::Ignored{"mark_without_name"};
        return incoming::Mark{*std::move(label)};
    }
    if (event != "media") return incoming::Ignored{"unknown_event"};
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
