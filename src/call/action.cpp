#include "call/action.hpp"

#include <algorithm>

namespace boni::call {
namespace {

std::unexpected<Error> forbidden(std::string what, std::string_view feature) {
    return fail(Errc::forbidden, std::move(what), "features." + std::string{feature}, "feature_not_enabled");
}

}  // namespace

std::unexpected<Error> feature_off(std::string_view what, std::string_view feature) {
    return forbidden(std::string{what} + " needs features." + std::string{feature}, feature);
}

std::unexpected<Error> not_offered(std::string_view what, std::string_view feature) {
    return forbidden(std::string{what} + " is not offered by this platform yet, whatever the plan says", feature);
}

std::unexpected<Error> wrong_field(std::string_view action, std::string field, std::string_view expectation) {
    auto what = std::string{action} + ": " + field + ' ' + std::string{expectation};
    return fail(Errc::malformed, std::move(what), std::move(field), "validation_failed");
}

Action const* find_action(std::string_view name) {
    auto const all = all_actions();
    auto const found = std::ranges::find(all, name, [](Action const* action) { return action->name; });
    return found == all.end() ? nullptr : *found;
}

}  // namespace boni::call
