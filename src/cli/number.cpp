#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const number_command;

namespace {

std::vector<std::string> const number_columns{"phoneNumber", "id", "tenantId", "status", "activationStatus", "routeStatus", "label"};

int run_number(std::span<char const* const> args) {
    Arguments arguments{number_command};
    OperatorClient client{arguments};
    std::string tenant;
    std::string number;
    std::optional<bool> enabled;
    std::vector<std::pair<std::string, std::string>> fields{{"label", {}}, {"status", {}}, {"activationStatus", {}}, {"trunk", {}}, {"reason", {}}, {"type", {}}};
    auto* const ls = arguments.add_subcommand("ls", "numbers, of one tenant or of all");
    auto* const add = arguments.add_subcommand("add", "gives a number to a tenant, assigned and live unless said otherwise");
    auto* const set = arguments.add_subcommand("set", "changes what is named; the customer is told by an event");
    auto* const route = arguments.add_subcommand("route", "where its calls go; with --enabled false nowhere, until it is on again");
    ls->add_option("--tenant", tenant, "short name or id");
    for (auto* const one : {add, set, route}) {
        one->add_option("--tenant", tenant, "short name or id")->required();
        one->add_option("number", number, "E.164, e.g. +918040000001")->required();
    }
    route->add_option("--enabled", enabled, "true or false");
    for (auto* const one : {add, set}) {
        one->add_option("--label", fields[0].second, "what it is for");
        one->add_option("--status", fields[1].second, "available, reserved, assigned, disabled, quarantine");
        one->add_option("--activation", fields[2].second, "not_configured, carrier_ready, platform_ready, test_passed, live");
        one->add_option("--trunk", fields[3].second, "name of the only trunk it may arrive on");
    }
    add->add_option("--type", fields[5].second, "indian_business_number or whatsapp_calling");
    set->add_option("--reason", fields[4].second, "of a suspension: operator, kyc, payment, abuse");
    if (auto const over = arguments.read(args)) return *over;

    if (ls->parsed()) return client.list(tenant.empty() ? "/v1/numbers" : "/v1/tenants/" + segment(tenant) + "/numbers", number_columns);
    json::object body;
    for (auto const& [name, value] : fields)
        if (!value.empty()) body[name] = value;
    auto const path = "/v1/tenants/" + segment(tenant) + "/numbers";
    auto const its_route = path + "/" + segment(number) + "/route";
    if (route->parsed()) return enabled ? client.ask("PATCH", its_route, json::object{{"enabled", *enabled}}, {}) : client.ask("GET", its_route);
    if (set->parsed()) return client.ask("PATCH", path + "/" + segment(number), body, {});
    body["phoneNumber"] = number;
    return client.ask("POST", path, body, {});
}

}  // namespace

extern Command const number_command{"number", "operator: numbers and whose they are", "boni number add --tenant acme +918040000001 --label 'Front desk'", run_number};

}  // namespace boni::cli
