// `team`: rings several people. Teams have phone members, so they need `outbound`; neither is offered yet.
#include "call/target.hpp"

namespace boni::call {
namespace {

Result<model::Target> check_team(json::object const& fields, std::string_view at, CheckContext const&) {
    if (!json::text(fields, "teamId")) return fail(Errc::invalid, "team needs a teamId", std::string{at} + "teamId", "invalid_target");
    return not_offered("target team", "outbound");
}

}  // namespace

extern Target const team_target{"team", "outbound", check_team, nullptr};

}  // namespace boni::call
