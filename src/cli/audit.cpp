#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const audit_command;

namespace {

std::vector<std::string> const audit_columns{"at", "who", "from", "operation", "tenantId", "subject", "request"};

int run_audit(std::span<char const* const> args) {
    Arguments arguments{audit_command};
    OperatorClient client{arguments};
    arguments.require_subcommand(0);
    std::vector<std::pair<std::string, std::string>> filters{{"tenant", {}}, {"from", {}}, {"to", {}}, {"limit", {}}, {"cursor", {}}};
    arguments.add_option("--tenant", filters[0].second, "only what is about this one: short name or id")->check(filled);
    arguments.add_option("--from", filters[1].second, "first day in India, YYYY-MM-DD")->check(filled);
    arguments.add_option("--to", filters[2].second, "last day in India, YYYY-MM-DD")->check(filled);
    arguments.add_option("--limit", filters[3].second, "rows of a page, 1 to 100 [20]")->check(filled);
    arguments.add_option("--cursor", filters[4].second, "where the page before ended, as it said")->check(filled);
    if (auto const over = arguments.read(args)) return *over;
    return client.ask("GET", "/v1/audit" + query(filters), {}, audit_columns);
}

}  // namespace

extern Command const audit_command{"audit", "operator: who changed what, newest first",
                                   "boni audit --tenant acme --from 2026-11-01 --json", run_audit};

}  // namespace boni::cli
