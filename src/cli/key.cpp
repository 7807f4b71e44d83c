#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const key_command;

namespace {

std::vector<std::string> const key_columns{"id", "prefix", "name", "scopes", "createdAt", "lastUsedAt", "expiresAt", "revokedAt"};
constexpr std::int64_t day = 86'400;

int run_key(std::span<char const* const> args) {
    Arguments arguments{key_command};
    OperatorClient client{arguments};
    std::string tenant;
    std::string id;
    std::string label;
    std::vector<std::string> scopes;
    std::int64_t days = 0;
    bool oper = false;
    arguments.add_flag("--operator", oper, "operator keys (vp_oper_) instead of a tenant's");
    auto* const ls = arguments.add_subcommand("ls", "keys, without what only their owner knows");
    auto* const create = arguments.add_subcommand("create", "a new one, shown once");
    auto* const revoke = arguments.add_subcommand("revoke", "stops one at once");
    for (auto* const one : {ls, create, revoke}) one->add_option("--tenant", tenant, "whose: short name or id")->check(filled);
    create->add_option("--name", label, "what it is for");
    create->add_option("--scope", scopes, "read, recordings, actions, write; repeatable, all without")->allow_extra_args(false);
    create->add_option("--days", days, "how long it is good for; without, until revoked")->check(CLI::Range(1, 3650));
    revoke->add_option("id", id, "key_...")->required();
    if (auto const over = arguments.read(args)) return *over;
    if (oper != tenant.empty()) return misused("key", {Errc::invalid, "either --tenant or --operator is needed"});

    auto const path = oper ? std::string{"/v1/operator-keys"} : "/v1/tenants/" + segment(tenant) + "/keys";
    if (ls->parsed()) return client.list(path, key_columns);
    if (revoke->parsed()) return client.ask("DELETE", path + "/" + segment(id));
    json::object body;
    if (!label.empty()) body["name"] = label;
    if (!scopes.empty()) body["scopes"] = json::array(scopes.begin(), scopes.end());
    if (days > 0) body["expiresInSeconds"] = days * day;
    return client.ask("POST", path, body);
}

}  // namespace

extern Command const key_command{"key", "operator: API keys of tenants, and operator keys",
                                 "boni key create --tenant acme --name 'web shop' --scope read --scope actions", run_key};

}  // namespace boni::cli
