#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const team_command;

namespace {

std::vector<std::string> const team_columns{"id", "name", "strategy", "members"};

/// "+919876543210", "sip:desk@pbx.example.com" or the name a phone registers with; "Asha=+919876543210" says who it is.
json::object member_of(std::string const& text) {
    auto const equals = text.find('=');
    auto const named = equals != std::string::npos && text.find(':') > equals;   // a URI may have '=' in its parameters
    auto const address = named ? text.substr(equals + 1) : text;
    auto const digits = address.find_first_not_of("+0123456789 ") == std::string::npos;
    json::object out{{digits ? "phoneNumber" : address.starts_with("sip") && address.find(':') != std::string::npos ? "sipUri" : "sipEndpoint", address}};
    if (named) out["name"] = text.substr(0, equals);
    return out;
}

int run_team(std::span<char const* const> args) {
    Arguments arguments{team_command};
    OperatorClient client{arguments};
    std::string tenant;
    std::string team;
    std::string label;
    std::string strategy;
    std::vector<std::string> members;
    auto* const ls = arguments.add_subcommand("ls", "a tenant's teams")->alias("list");
    auto* const get = arguments.add_subcommand("get", "one, with its members");
    auto* const add = arguments.add_subcommand("add", "a new one");
    auto* const set = arguments.add_subcommand("set", "changes what is named; members replace the whole list");
    auto* const rm = arguments.add_subcommand("rm", "removes one that no route and no agent names")->alias("remove");
    for (auto* const one : {ls, get, add, set, rm}) one->add_option("--tenant", tenant, "short name or id")->required()->check(filled);
    for (auto* const one : {get, set, rm}) one->add_option("id", team, "team_...")->required();
    add->add_option("name", label, "unique in the tenant")->required();
    set->add_option("--name", label, "unique in the tenant")->check(filled);
    for (auto* const one : {add, set}) {
        one->add_option("--strategy", strategy, "simultaneous (all ring at once) or sequential (one after the other)")->check(filled);
        auto* const who = one->add_option("--member", members, "a phone number, a SIP URI or the name a phone registers with, as MEMBER or "
                                                               "NAME=MEMBER; repeatable");
        who->allow_extra_args(false);
        if (one == add) who->required();
    }
    if (auto const over = arguments.read(args)) return *over;

    auto const path = "/v1/tenants/" + segment(tenant) + "/teams";
    auto const one = path + "/" + segment(team);
    if (ls->parsed()) return client.list(path, team_columns);
    if (get->parsed()) return client.ask("GET", one);
    if (rm->parsed()) return client.ask("DELETE", one);
    json::object body;
    if (!label.empty()) body["name"] = label;
    if (!strategy.empty()) body["strategy"] = strategy;
    json::array list;
    for (auto const& text : members) list.push_back(member_of(text));
    if (!list.empty()) body["members"] = std::move(list);
    return add->parsed() ? client.ask("POST", path, body) : client.change(*set, one, body);
}

}  // namespace

extern Command const team_command{"team", "operator: teams, and whom a call to one rings",
                                  "boni team add sales --tenant acme --strategy sequential --member Asha=+919876543210 --member sip:desk@pbx.example.com",
                                  run_team};

}  // namespace boni::cli
