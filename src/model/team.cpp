#include "model/team.hpp"

#include <algorithm>

namespace boni::model {

bool Team::has_phones() const { return std::ranges::find(members, MemberKind::phone_number, &TeamMember::kind) != members.end(); }

json::array to_json(std::vector<TeamMember> const& members) {
    json::array out;
    for (auto const& member : members) {
        json::object one{{boni::name(member.kind), member.address}};
        if (!member.name.empty()) one["name"] = member.name;
        out.push_back(std::move(one));
    }
    return out;
}

json::object to_json(Team const& team) {
    return {{"id", team.id.str()}, {"tenantId", team.tenant.str()}, {"name", team.name}, {"strategy", boni::name(team.strategy)},
            {"members", to_json(team.members)}, {"createdAt", rfc3339(team.created_at)}, {"updatedAt", rfc3339(team.updated_at)}};
}

TeamMember member_from(json::object const& in) {
    TeamMember member{.name = json::text_or_empty(in, "name")};
    for (auto const& [kind, word] : names_of<MemberKind>)
        if (auto const address = json::text(in, word)) member.kind = kind, member.address = *address;
    return member;
}

}  // namespace boni::model
