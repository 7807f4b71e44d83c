#include "cli/shell/operator_client.hpp"
#include "cli/shell/pairs.hpp"

namespace boni::cli {

extern Command const tenant_command;

namespace {

std::vector<std::string> const tenant_columns{"id", "key", "plan", "status", "test", "createdAt"};

struct TenantWish {
    std::string display_name;
    std::string plan;
    std::string status;
    std::vector<std::string> features;
    std::vector<std::string> limits;
    std::vector<std::string> prefixes;
    std::vector<CLI::Option const*> names;

    void options(CLI::App& command) {
        names.push_back(command.add_option("--name", display_name, "its name for people; '' clears"));
        command.add_option("--plan", plan, "the plan it pays for")->check(filled);
        command.add_option("--status", status, "provisioning, active, suspended or disabled")->check(filled);
        command.add_option("--feature", features, "switches a feature, e.g. outbound=true; repeatable")->type_name("NAME=VALUE")->allow_extra_args(false);
        command.add_option("--limit", limits, "sets a limit, e.g. concurrent_calls=30; repeatable")->type_name("NAME=VALUE")->allow_extra_args(false);
        command.add_option("--prefix", prefixes, "where it may call, e.g. +91; repeatable")->allow_extra_args(false);
    }
    Result<json::object> body() const {
        json::object out;
        if (std::ranges::any_of(names, [](auto const* name) { return name->count() > 0; })) out["displayName"] = display_name;
        if (!plan.empty()) out["plan"] = plan;
        if (!status.empty()) out["status"] = status;
        if (!prefixes.empty()) out["allowedPrefixes"] = json::array(prefixes.begin(), prefixes.end());
        for (auto const& [member, texts] : {std::pair{"features", &features}, {"limits", &limits}}) {
            if (texts->empty()) continue;
            TRY(auto values, pairs_of(*texts));
            out[member] = std::move(values);
        }
        return out;
    }
};

int run_tenant(std::span<char const* const> args) {
    Arguments arguments{tenant_command};
    OperatorClient client{arguments};
    std::string key;
    bool test = false;
    TenantWish wish;
    auto* const ls = arguments.add_subcommand("ls", "every tenant");
    auto* const get = arguments.add_subcommand("get", "one, with features and limits");
    auto* const create = arguments.add_subcommand("create", "a new one; its control secret is shown once");
    auto* const set = arguments.add_subcommand("set", "changes what is named and leaves the rest");
    auto* const rotate = arguments.add_subcommand("rotate-control-secret", "a new secret for its control webhooks, shown once");
    for (auto* const one : {get, create, set, rotate}) one->add_option("key", key, "its short name, or its id")->required();
    for (auto* const one : {create, set}) wish.options(*one);
    create->add_flag("--test", test, "a test tenant: vp_test_ keys, reaches only trunks marked test");
    if (auto const over = arguments.read(args)) return *over;

    auto const path = "/v1/tenants/" + segment(key);
    if (ls->parsed()) return client.list("/v1/tenants", tenant_columns);
    if (get->parsed()) return client.ask("GET", path);
    if (rotate->parsed()) return client.ask("POST", path + "/control-secret");
    auto body = wish.body();
    if (!body) return misused("tenant", body.error());
    if (set->parsed()) return client.change(*set, path, *body);
    (*body)["key"] = key;
    (*body)["test"] = test;
    return client.ask("POST", "/v1/tenants", *body);
}

}  // namespace

extern Command const tenant_command{"tenant", "operator: tenants, their plan, features and limits",
                                    "boni tenant create acme --name 'Acme Ltd' --limit concurrent_calls=30", run_tenant};

}  // namespace boni::cli
