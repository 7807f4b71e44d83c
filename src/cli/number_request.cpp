#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const number_request_command;

namespace {

std::vector<std::string> const number_request_columns{"id", "tenantId", "status", "useCase", "preferredCity", "numberId", "createdAt", "note"};

int run_number_request(std::span<char const* const> args) {
    Arguments arguments{number_request_command};
    OperatorClient client{arguments};
    std::string tenant;
    std::string id;
    std::vector<std::pair<std::string, std::string>> fields{{"status", {}}, {"phoneNumber", {}}, {"label", {}}, {"note", {}}};
    auto* const ls = arguments.add_subcommand("ls", "requests, of one tenant or of all, oldest first")->alias("list");
    auto* const move = arguments.add_subcommand("move", "the next state: kyc_required, approved, rejected, fulfilled");
    ls->add_option("--tenant", tenant, "short name or id")->check(filled);
    move->add_option("id", id, "nreq_...")->required();
    move->add_option("status", fields[0].second, "submitted becomes kyc_required, approved or rejected; approved becomes fulfilled")->required();
    move->add_option("--number", fields[1].second, "the number it is fulfilled with, E.164; the customer is told by number.activated")->check(filled);
    move->add_option("--label", fields[2].second, "what that number is for");
    move->add_option("--note", fields[3].second, "for yourself and your colleagues");
    if (auto const over = arguments.read(args)) return *over;

    if (ls->parsed())
        return client.list(tenant.empty() ? "/v1/number-requests" : "/v1/tenants/" + segment(tenant) + "/number-requests", number_request_columns);
    json::object body;
    for (auto const& [name, value] : fields)
        if (!value.empty()) body[name] = value;
    return client.ask("PATCH", "/v1/number-requests/" + segment(id), body);
}

}  // namespace

extern Command const number_request_command{"number-request", "operator: customers' requests for numbers, from KYC to the number",
                                            "boni number-request move nreq_01KAR000000000000000000001 fulfilled --number +918040000001", run_number_request};

}  // namespace boni::cli
