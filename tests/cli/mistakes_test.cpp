// Values that a command takes for something else unless it looks: an empty variable, a number that is none.
#include <iostream>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>

#include "cli/command.hpp"

using namespace boni;

namespace boni::cli {
extern Command const backup_command, call_command, config_command, dev_command, number_command, price_command, serve_command, team_command, tenant_command, verify_command, webhook_command;
}  // namespace boni::cli

TEST_CASE("a value that means nothing is a mistake before anything is done") {
    struct Row { cli::Command const& command; std::vector<char const*> words; };
    for (auto const& [command, words] : {
             Row{cli::call_command, {"+918040000001", "--duration", "-1"}},
             Row{cli::call_command, {"+918040000001", "--cancel-after", "-1"}},
             Row{cli::call_command, {"+918040000001", "--sip", "localhost"}},
             Row{cli::call_command, {"+918040000001", "--expect", "talked~soon"}},
             Row{cli::call_command, {"+918040000001", "--expect", "answered,status~486x"}},
             Row{cli::dev_command, {"--limit", "concurrent_calls=inf"}},
             Row{cli::dev_command, {"--limit", "concurrent_calls=nan"}},
             Row{cli::dev_command, {"--feature", "outbound=yes"}},
             Row{cli::dev_command, {"--plan", ""}},
             Row{cli::dev_command, {"--data", ""}},
             Row{cli::serve_command, {"--config", ""}},
             Row{cli::config_command, {"check", "-c", ""}},
             Row{cli::backup_command, {"--out", ""}},
             Row{cli::price_command, {"add", "launch", "--price", "inbound_call_minutes=1", "--from", ""}},
             Row{cli::price_command, {"add", "launch", "--price", "inbound_call_minutes=1", "--price", "inbound_call_minutes=2"}},
             Row{cli::tenant_command, {"set", "acme", "--limit", "numbers=1", "--limit", "numbers=2"}},
             Row{cli::tenant_command, {"ls", "--socket", ""}},
             Row{cli::number_command, {"set", "+918040000001", "--tenant", ""}},
             Row{cli::number_command, {"route", "+918040000001", "--tenant", "acme", "--enabled", ""}},
             Row{cli::webhook_command, {"set", "wh_1", "--tenant", "acme", "--enabled", ""}},
             Row{cli::verify_command, {"--secret", "whsec_AAAA", "--timestamp", "", "--print"}},
         }) {
        CAPTURE(words.back());
        std::ostringstream said;
        auto* const err = std::cerr.rdbuf(said.rdbuf());
        auto const code = command.run(words);
        std::cerr.rdbuf(err);
        CHECK(code == cli::exit_usage);
        CHECK(said.str().starts_with("boni " + std::string{command.name} + ": "));
    }
}

TEST_CASE("a change of nothing is a mistake that names what there is to change") {
    struct Row { cli::Command const& command; std::vector<char const*> words; std::string what; };
    for (auto const& [command, words, what] : {
             Row{cli::tenant_command, {"set", "acme"}, "--name, --plan, --status, --feature, --limit, --prefix"},
             Row{cli::number_command, {"set", "+918040000001", "--tenant", "acme"}, "--label, --status, --activation, --trunk, --reason"},
             Row{cli::webhook_command, {"set", "wh_1", "--tenant", "acme"}, "--enabled, --signature-mode"},
             Row{cli::team_command, {"set", "team_1", "--tenant", "acme"}, "--name, --strategy, --member"},
         }) {
        std::ostringstream said;
        auto* const err = std::cerr.rdbuf(said.rdbuf());
        auto const code = command.run(words);
        std::cerr.rdbuf(err);
        CHECK(code == cli::exit_usage);
        CHECK(said.str() == "boni " + std::string{command.name} + ": nothing is changed without one of " + what + "\nsee boni " + std::string{command.name} + " set --help\n");
    }
}
