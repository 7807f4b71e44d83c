// Teams of a tenant: whom the target `team` rings. Members are phones, SIP addresses, or phones that register with us.
#include <algorithm>

#include "admin/operation.hpp"
#include "egress/sip_uri.hpp"
#include "model/phone.hpp"

namespace boni::admin {
namespace {

constexpr std::size_t teams_max = 200;               // of one tenant
constexpr std::size_t name_bytes_max = 100, uri_bytes_max = 2048, endpoint_bytes_max = 64;

bool endpoint_name(std::string_view text) {
    auto const fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; };
    return !text.empty() && text.size() <= endpoint_bytes_max && std::ranges::all_of(text, fits);
}

/// The address as it is kept. A phone outside the tenant's prefixes could never be rung.
Result<std::string> address_of(model::MemberKind kind, std::string const& text, std::string const& field, model::Tenant const& tenant) {
    if (kind == model::MemberKind::sip_endpoint && endpoint_name(text)) return text;
    if (kind == model::MemberKind::sip_endpoint) return wrong(field, "must have 1-64 letters, digits, hyphens, dots and underscores");
    if (kind == model::MemberKind::sip_uri && text.size() <= uri_bytes_max && egress::parse_sip_uri(text)) return text;
    if (kind == model::MemberKind::sip_uri) return wrong(field, "must be a SIP URI without a password, e.g. sip:desk@pbx.example.com");
    auto const number = model::phone_number(text);
    if (!number) return wrong(field, "must be + and 7 to 15 digits, or an Indian number");
    auto const may_call = [&](std::string const& prefix) { return number->starts_with(prefix); };
    if (std::ranges::any_of(tenant.allowed_prefixes, may_call)) return *number;
    return fail(Errc::invalid, field + " is outside the prefixes this tenant may call", field, "invalid_value");
}

Result<model::TeamMember> member_of(json::value const& value, std::string const& place, model::Tenant const& tenant) {
    auto const* const fields = value.if_object();
    if (!fields) return wrong(place, "must be an object with one of phoneNumber, sipUri, sipEndpoint");
    CHECK_OK(only(*fields, {"phoneNumber", "sipUri", "sipEndpoint", "name"}));
    model::TeamMember member;
    auto given = 0;
    for (auto const& [kind, word] : names_of<model::MemberKind>) {
        TRY(auto const text, text_of(*fields, word, uri_bytes_max));
        if (!text) continue;
        ++given;
        member.kind = kind;
        TRY(member.address, address_of(kind, *text, place + '.' + std::string{word}, tenant));
    }
    if (given != 1) return wrong(place, "must have exactly one of phoneNumber, sipUri, sipEndpoint");
    TRY(auto const label, text_of(*fields, "name", name_bytes_max));
    member.name = label.value_or("");
    return member;
}

Result<> read_members(json::object const& body, model::Tenant const& tenant, model::Team& team) {
    if (!json::find(body, "members")) return {};
    auto const* const list = json::array_at(body, "members");
    if (!list || list->empty() || list->size() > model::team_members_max) return wrong("members", "must be a list of 1 to 50 members");
    team.members.clear();
    for (std::size_t index = 0; index < list->size(); ++index) {
        auto const place = "members[" + std::to_string(index) + ']';
        TRY(auto member, member_of((*list)[index], place, tenant));
        if (std::ranges::find(team.members, member.address, &model::TeamMember::address) != team.members.end())
            return wrong(place, "is in the list already");
        team.members.push_back(std::move(member));
    }
    return {};
}

Result<> read_team(json::object const& body, model::Tenant const& tenant, model::Team& team) {
    CHECK_OK(only(body, {"name", "strategy", "members"}));
    TRY(auto const label, text_of(body, "name", name_bytes_max));
    TRY(auto const strategy, word_of<model::TeamStrategy>(body, "strategy"));
    if (label && label->empty()) return wrong("name", "must not be empty");
    if (label) team.name = *label;
    if (strategy) team.strategy = *strategy;
    return read_members(body, tenant, team);
}

Task<Result<model::Team>> team_of(Asked& asked, TenantId tenant) {
    co_return co_await asked.services.store.team(tenant, TeamId::from(asked.param("team_id")));
}

Task<Result<Answer>> list_teams(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto teams, co_await asked.services.store.teams(tenant.id));
    co_return page_of_few(asked, std::move(teams), [](model::Team const& team) { return model::to_json(team); });
}

Task<Result<Answer>> get_team(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto const team, co_await team_of(asked, tenant.id));
    co_return Answer{.body = model::to_json(team)};
}

Task<Result<Answer>> create_team(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    model::Team team{.id = TeamId::fresh(asked.now), .tenant = tenant.id, .created_at = asked.now, .updated_at = asked.now};
    CO_CHECK_OK(read_team(asked.body, tenant, team));
    if (team.name.empty()) co_return wrong("name", "is required");
    if (team.members.empty()) co_return wrong("members", "is required");
    CO_CHECK_OK(co_await asked.services.store.create_team(team, teams_max, asked.entry(team.id.str())));
    co_return Answer{201, model::to_json(team)};
}

/// `members` replaces the whole list: who is rung is read in one place.
Task<Result<Answer>> change_team(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    CO_TRY(auto team, co_await team_of(asked, tenant.id));
    CO_CHECK_OK(read_team(asked.body, tenant, team));
    team.updated_at = asked.now;
    CO_CHECK_OK(co_await asked.services.store.update_team(team, asked.entry(team.id.str())));
    co_return Answer{.body = model::to_json(team)};
}

Task<Result<Answer>> remove_team(Asked& asked) {
    CO_TRY(auto const tenant, co_await tenant_of(asked));
    auto const id = TeamId::from(asked.param("team_id"));
    CO_CHECK_OK(co_await asked.services.store.delete_team(tenant.id, id, asked.entry(id.str())));
    co_return Answer{204, {}};
}

}  // namespace

std::span<Operation const> team_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/tenants/{tenant}/teams", list_teams, page_parameters},
        {"POST", "/v1/tenants/{tenant}/teams", create_team},
        {"GET", "/v1/tenants/{tenant}/teams/{team_id}", get_team},
        {"PATCH", "/v1/tenants/{tenant}/teams/{team_id}", change_team},
        {"DELETE", "/v1/tenants/{tenant}/teams/{team_id}", remove_team},
    };
    return operations;
}

}  // namespace boni::admin
