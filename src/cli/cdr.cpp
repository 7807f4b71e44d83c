#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const cdr_command;

namespace {

int run_cdr(std::span<char const* const> args) {
    Arguments arguments{cdr_command};
    OperatorClient client{arguments};
    arguments.require_subcommand(0);
    std::vector<std::pair<std::string, std::string>> parameters{{"from", {}}, {"to", {}}, {"tenant", {}}, {"format", {}}};
    std::string file;
    arguments.add_option("--from", parameters[0].second, "first day in India, YYYY-MM-DD [first of the month of --to]")->check(filled);
    arguments.add_option("--to", parameters[1].second, "last day in India, YYYY-MM-DD [today]")->check(filled);
    arguments.add_option("--tenant", parameters[2].second, "only the calls of this one: short name or id")->check(filled);
    arguments.add_option("--format", parameters[3].second, "csv or jsonl [csv; jsonl with --json]")->check(CLI::IsMember({"csv", "jsonl"}));
    arguments.add_option("--out", file, "file to write, for our eyes only; without, standard output")->type_name("FILE")->check(filled);
    auto check = false;
    arguments.add_flag("--check", check, "exports nothing: walks the chain of all records and tells whether one was changed or is missing");
    if (auto const over = arguments.read(args)) return *over;
    if (check) return client.ask("GET", "/v1/cdr/check");
    auto& format = parameters[3].second;
    if (format.empty()) format = client.wants_json() ? "jsonl" : "csv";
    return client.save("/v1/cdr" + query(parameters), file);
}

}  // namespace

extern Command const cdr_command{"cdr", "operator: the records of calls that have ended, with what they used and cost",
                                 "boni cdr --from 2026-11-01 --to 2026-11-30 --tenant acme --out november.csv", run_cdr};

}  // namespace boni::cli
