#include "api/body.hpp"

#include <algorithm>

#include "base/edit_distance.hpp"
#include "model/event.hpp"

namespace boni::api {
namespace {

constexpr std::size_t events_max = 32;
constexpr std::size_t metadata_bytes_max = 4096;
constexpr std::size_t metadata_keys_max = 50;    // of all its objects together
constexpr int metadata_depth_max = 5;            // {} is one

std::string place(std::string_view at, std::string_view name) { return std::string{at} + std::string{name}; }

/// Is a missing or present field of that shape? `matches` is asked about a present one.
template <class Matches>
Result<> check_field(json::object const& in, std::string_view name, Presence presence, std::string_view at, std::string_view shape, Matches matches) {
    auto const* const value = json::find(in, name);
    if (!value && presence == Presence::optional) return {};
    if (!value) return wrong(place(at, name), "is required");
    if (!matches(*value)) return wrong(place(at, name), "must be " + std::string{shape});
    return {};
}

struct Size {
    std::size_t keys = 0;
    int depth = 0;
};

Size measured(json::value const& value) {
    Size size{.depth = value.is_structured() ? 1 : 0};
    auto const add = [&](json::value const& inner) {
        auto const part = measured(inner);
        size.keys += part.keys;
        size.depth = std::max(size.depth, part.depth + 1);
    };
    if (auto const* const object = value.if_object()) {
        size.keys += object->size();
        for (auto const& member : *object)
            if (member.value().is_structured()) add(member.value());
    }
    if (auto const* const array = value.if_array())
        for (auto const& element : *array)
            if (element.is_structured()) add(element);
    return size;
}

}  // namespace

std::unexpected<Error> wrong(std::string field, std::string_view expectation) {
    auto what = field + ' ' + std::string{expectation};
    return fail(Errc::malformed, std::move(what), std::move(field), "validation_failed");
}

std::unexpected<Error> refused(std::string field, std::string what, std::string_view token) {
    return fail(Errc::invalid, std::move(what), std::move(field), std::string{token});
}

Result<> check_text(json::object const& in, std::string_view name, Presence presence, std::string_view at) {
    return check_field(in, name, presence, at, "a string", [](json::value const& value) { return value.is_string(); });
}

Result<> check_boolean(json::object const& in, std::string_view name, std::string_view at) {
    return check_field(in, name, Presence::optional, at, "a boolean", [](json::value const& value) { return value.is_bool(); });
}

Result<> check_object(json::object const& in, std::string_view name, Presence presence, std::string_view at) {
    return check_field(in, name, presence, at, "an object", [](json::value const& value) { return value.is_object(); });
}

Result<> check_event(json::value const& event, std::string const& field) {
    if (!event.is_string()) return wrong(field, "must be an event type");
    if (model::is_event_type(event.get_string())) return {};
    std::vector<std::string> const known{std::begin(model::event_types), std::end(model::event_types)};
    return wrong(field, "is no event type; " + meant(event.get_string(), known));
}

Result<> check_events(json::object const& in, std::string_view name, Presence presence, std::string_view at) {
    CHECK_OK(check_field(in, name, presence, at, "an array of event types", [](json::value const& value) { return value.is_array(); }));
    auto const* const events = json::array_at(in, name);
    if (!events) return {};
    for (std::size_t index = 0; index < events->size(); ++index)
        CHECK_OK(check_event((*events)[index], place(at, name) + '[' + std::to_string(index) + ']'));
    return {};
}

Result<std::vector<std::string>> events_of(json::object const& in, std::string_view name, std::string_view at) {
    std::vector<std::string> out;
    for (auto const& event : *json::array_at(in, name))
        if (std::string text{event.get_string()}; std::ranges::find(out, text) == out.end()) out.push_back(std::move(text));
    auto const field = place(at, name);
    if (out.empty() || json::array_at(in, name)->size() > events_max)
        return refused(field, field + " takes 1 to 32 event types", "limit_exceeded");
    return out;
}

Result<> check_metadata(json::object const& metadata, std::string_view field) {
    auto const size = measured(metadata);
    auto const bytes = json::serialize(metadata).size();
    if (bytes <= metadata_bytes_max && size.keys <= metadata_keys_max && size.depth <= metadata_depth_max) return {};
    return refused(std::string{field}, std::string{field} + " has at most 4096 bytes, 50 keys and 5 levels", "limit_exceeded");
}

}  // namespace boni::api
