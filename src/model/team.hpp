// Who a call to a team rings, and in which order. Plain values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"
#include "base/result.hpp"

namespace boni::model {

enum class TeamStrategy { simultaneous, sequential };     ///< all at once; one after the other, in the order of the list

/// How one member is reached.
enum class MemberKind { phone_number, sip_uri, sip_endpoint };

struct TeamMember {
    MemberKind kind = MemberKind::phone_number;
    std::string address;                     ///< E.164, a sip: URI, or the user name a phone of the tenant registers with
    std::string name;                        ///< for people; may be empty
};

constexpr std::size_t team_members_max = 50;     // that one call may ring

struct Team {
    TeamId id;
    TenantId tenant;
    std::string name;                        ///< unique in the tenant
    TeamStrategy strategy = TeamStrategy::simultaneous;
    std::vector<TeamMember> members;
    Instant created_at{};
    Instant updated_at{};

    /// Such a team needs `features.outbound` and is no target of a WhatsApp call (api-semantics 7 and 8).
    bool has_phones() const;
};

/// [{"phoneNumber"|"sipUri"|"sipEndpoint": ..., "name"?}], as shown and as stored.
json::array to_json(std::vector<TeamMember> const& members);
json::object to_json(Team const& team);
/// One member as it was stored; nothing is checked.
TeamMember member_from(json::object const& in);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::TeamStrategy> = names<model::TeamStrategy>({
    {model::TeamStrategy::simultaneous, "simultaneous"}, {model::TeamStrategy::sequential, "sequential"}});
template <>
inline constexpr auto names_of<model::MemberKind> = names<model::MemberKind>({
    {model::MemberKind::phone_number, "phoneNumber"}, {model::MemberKind::sip_uri, "sipUri"}, {model::MemberKind::sip_endpoint, "sipEndpoint"}});
}  // namespace boni
