#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/shell/operator_client.hpp"

namespace boni::cli {

extern Command const trunk_command;

namespace {

std::vector<std::string> const trunk_columns{"name", "kind", "test", "addresses", "targets", "state"};

/// "-" is standard input.
Result<json::object> document_of(std::string const& file) {
    std::stringstream text;
    if (file == "-") {
        text << std::cin.rdbuf();
    } else {
        std::ifstream in{file};
        if (!in) return fail(Errc::invalid, file + ": cannot be read");
        text << in.rdbuf();
    }
    auto document = json::parse(text.str());
    if (!document) return fail(Errc::invalid, file + ": " + document.error().what);
    if (!document->is_object()) return fail(Errc::invalid, file + ": must be a JSON object");
    return document->as_object();
}

int run_trunk(std::span<char const* const> args) {
    Arguments arguments{trunk_command};
    OperatorClient client{arguments};
    std::string name;
    std::string file;
    auto* const ls = arguments.add_subcommand("ls", "every trunk, whether it is up, its calls");
    auto* const set = arguments.add_subcommand("set", "makes or replaces one; calls it has go on");
    auto* const rm = arguments.add_subcommand("rm", "removes one; calls it has go on");
    for (auto* const one : {set, rm}) one->add_option("name", name, "its unique name")->required();
    set->add_option("-f,--file", file,
                    "JSON: kind (ip, register, tls, digest), addresses[], targets[] {host, port, transport}, auth {user, secret, realm}, codecs[], "
                    "numbers, limits, health, features, dids[], test; - is standard input")->required()->check(filled);
    if (auto const over = arguments.read(args)) return *over;

    if (ls->parsed()) return client.list("/v1/trunks", trunk_columns);
    if (rm->parsed()) return client.ask("DELETE", "/v1/trunks/" + segment(name));
    auto const document = document_of(file);
    if (!document) return misused("trunk", document.error());
    return client.ask("PUT", "/v1/trunks/" + segment(name), *document);
}

}  // namespace

extern Command const trunk_command{"trunk", "operator: connections with carriers",
                                   R"(echo '{"kind":"ip","addresses":["203.0.113.0/28"],"targets":[{"host":"203.0.113.1"}]}' | boni trunk set carrier -f -)",
                                   run_trunk};

}  // namespace boni::cli
