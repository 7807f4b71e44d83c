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
    std::string label, status, activation, trunk, reason, type;
    auto* const ls = arguments.add_subcommand("ls", "numbers, of one tenant or of all");
    auto* const add = arguments.add_subcommand("add", "gives a number to a tenant, assigned and live unless said otherwise");
    auto* const set = arguments.add_subcommand("set", "changes what is named; the customer is told by an event");
    auto* const route = arguments.add_subcommand("route", "where its calls go; with --enabled false nowhere, until it is on again");
    ls->add_option("--tenant", tenant, "short name or id")->check(filled);
    for (auto* const one : {add, set, route}) {
        one->add_option("--tenant", tenant, "short name or id")->required()->check(filled);
        one->add_option("number", number, "E.164, e.g. +918040000001")->required();
    }
    route->add_option("--enabled", enabled, "true or false")->check(filled);
    for (auto* const one : {add, set}) {
        one->add_option("--label", label, "what it is for");
        one->add_option("--status", status, "available, reserved, assigned, disabled, quarantine");
        one->add_option("--activation", activation, "not_configured, carrier_ready, platform_ready, test_passed, live");
        one->add_option("--trunk", trunk, "name of the only trunk it may arrive on; '' is any");
    }
    add->add_option("--type", type, "indian_business_number or whatsapp_calling");
    set->add_option("--reason", reason, "of a suspension: operator, kyc, payment, abuse");
    if (auto const over = arguments.read(args)) return *over;

    if (ls->parsed()) return client.list(tenant.empty() ? "/v1/numbers" : "/v1/tenants/" + segment(tenant) + "/numbers", number_columns);
    json::object body;
    auto const* const chosen = add->parsed() ? add : set;
    for (auto const& [flag, name, value] : {std::tuple{"--label", "label", &label}, {"--status", "status", &status}, {"--trunk", "trunk", &trunk},
                                            {"--activation", "activationStatus", &activation}, {"--type", "type", &type},
                                            {"--reason", "reason", &reason}})
        if (auto const* const option = chosen->get_option_no_throw(flag); option && option->count() > 0) body[name] = *value;   // '' clears
    auto const path = "/v1/tenants/" + segment(tenant) + "/numbers";
    auto const its_route = path + "/" + segment(number) + "/route";
    if (route->parsed()) return enabled ? client.ask("PATCH", its_route, json::object{{"enabled", *enabled}}) : client.ask("GET", its_route);
    if (set->parsed()) return client.change(*set, path + "/" + segment(number), body);
    body["phoneNumber"] = number;
    return client.ask("POST", path, body);
}

}  // namespace

extern Command const number_command{"number", "operator: numbers and whose they are",
                                    "boni number add --tenant acme +918040000001 --label 'Front desk'", run_number};

}  // namespace boni::cli
