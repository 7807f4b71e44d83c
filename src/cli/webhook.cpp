#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const webhook_command;

namespace {

std::vector<std::string> const webhook_columns{"id", "url", "enabled", "disabledReason", "signingSecretPrefix", "signatureMode",
                                               "previousSecretUntil"};
constexpr std::int64_t hour = 3'600;

int run_webhook(std::span<char const* const> args) {
    Arguments arguments{webhook_command};
    OperatorClient client{arguments};
    std::string tenant;
    std::string id;
    std::string mode;
    std::optional<bool> enabled;
    std::int64_t hours = 24;
    auto* const ls = arguments.add_subcommand("ls", "a tenant's webhook endpoints");
    auto* const set = arguments.add_subcommand("set", "switches one on or off, or its signature mode");
    auto* const rotate = arguments.add_subcommand("rotate", "a new signing secret, shown once; the old one signs beside it for a while");
    auto* const revoke = arguments.add_subcommand("revoke-previous", "ends that while now");
    auto* const rm = arguments.add_subcommand("rm", "removes one; what is pending for it fails");
    for (auto* const one : {ls, set, rotate, revoke, rm}) one->add_option("--tenant", tenant, "short name or id")->required()->check(filled);
    for (auto* const one : {set, rotate, revoke, rm}) one->add_option("id", id, "wh_...")->required();
    set->add_option("--enabled", enabled, "true or false")->check(filled);
    set->add_option("--signature-mode", mode, "list (both signatures in a rotation) or single")->check(filled);
    rotate->add_option("--overlap-hours", hours, "how long both sign")->check(CLI::Range(1, 168));
    if (auto const over = arguments.read(args)) return *over;

    auto const path = "/v1/tenants/" + segment(tenant) + "/webhook-endpoints";
    auto const one = path + "/" + segment(id);
    if (ls->parsed()) return client.list(path, webhook_columns);
    if (rm->parsed()) return client.ask("DELETE", one);
    if (revoke->parsed()) return client.ask("DELETE", one + "/previous-secret");
    if (rotate->parsed()) return client.ask("POST", one + "/rotate-secret", json::object{{"overlapSeconds", hours * hour}});
    json::object body;
    if (enabled) body["enabled"] = *enabled;
    if (!mode.empty()) body["signatureMode"] = mode;
    return client.change(*set, one, body);
}

}  // namespace

extern Command const webhook_command{"webhook", "operator: webhook endpoints, rotation of their secrets",
                                     "boni webhook rotate --tenant acme wh_01KAR000000000000000000001", run_webhook};

}  // namespace boni::cli
