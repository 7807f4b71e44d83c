#include "call/target.hpp"

#include <algorithm>

#include "base/edit_distance.hpp"

namespace boni::call {
namespace {

/// The contract's types of RouteTarget properties: a wrong one is 400 even in a field of another target type.
Result<> check_shape(json::object const& fields, std::string const& place) {
    constexpr std::string_view strings[] = {"url", "agentId", "phoneNumber", "teamId", "sipUri", "contentType", "bowChatInboxId"};
    auto const wrong = [&](std::string_view field, std::string_view expected) {
        return fail(Errc::malformed, std::string{field} + " must be " + std::string{expected}, place + std::string{field}, "validation_failed");
    };
    for (auto const field : strings)
        if (json::find(fields, field) && !json::text(fields, field)) return wrong(field, "a string");
    for (std::string_view const field : {"timeoutMs", "timeoutSeconds"})
        if (json::find(fields, field) && !json::integer(fields, field)) return wrong(field, "an integer");
    if (json::find(fields, "bidirectional") && !json::boolean(fields, "bidirectional")) return wrong("bidirectional", "a boolean");
    return {};
}

}  // namespace

Target const* find_target(std::string_view type) {
    auto const all = all_targets();
    auto const found = std::ranges::find(all, type, [](Target const* target) { return target->type; });
    return found == all.end() ? nullptr : *found;
}

Result<> check_ring_time(json::object const& fields, std::string_view at) {
    constexpr std::int64_t seconds_min = 5, seconds_max = 120;
    auto const seconds = json::integer(fields, "timeoutSeconds").value_or(seconds_min);
    if (seconds >= seconds_min && seconds <= seconds_max) return {};
    return fail(Errc::invalid, "timeoutSeconds is 5 to 120", std::string{at} + "timeoutSeconds", "limit_exceeded");
}

Result<model::Target> check_target(json::value const& target, std::string_view at, CheckContext const& context) {
    auto const place = std::string{at};
    auto const* const fields = target.if_object();
    if (!fields) return fail(Errc::malformed, "a target is an object", place.substr(0, place.rfind('.')), "validation_failed");
    CHECK_OK(check_shape(*fields, place));
    auto const type = json::text(*fields, "type");
    if (!type || std::ranges::find(model::target_types, *type) == std::end(model::target_types)) {
        std::vector<std::string> const types{std::begin(model::target_types), std::end(model::target_types)};
        return fail(Errc::malformed, "type is no target; " + meant(type.value_or(""), types), place + "type", "validation_failed");
    }
    auto const* const known = find_target(*type);
    if (!known) return fail(Errc::invalid, "target " + std::string{*type} + " is not served by this platform", place + "type", "invalid_target");
    if (!known->feature.empty() && !context.tenant.feature(known->feature))
        return feature_off("target " + std::string{*type}, known->feature);
    return known->check(*fields, at, context);
}

}  // namespace boni::call
