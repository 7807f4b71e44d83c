#include <iostream>

#include "cli/shell/settings_file.hpp"

namespace boni::cli {

extern Command const config_command;

namespace {

int run_config(std::span<char const* const> args) {
    Arguments arguments{config_command};
    arguments.require_subcommand(1);
    SettingsFile file;
    auto* const check = arguments.add_subcommand("check", "reads the file and the environment, says what is wrong with them");
    auto* const print = arguments.add_subcommand("print", "every setting in effect, secrets masked");
    auto* const example = arguments.add_subcommand("example", "a file with every setting at its default and what it means");
    for (auto* const one : {check, print}) file.option_of(*one);
    bool effective = false;
    print->add_flag("--effective", effective, "after the environment, which is always so");
    if (auto const over = arguments.read(args)) return *over;

    if (example->parsed()) {
        std::cout << app::example();
        return exit_ok;
    }
    auto config = file.load();
    if (!config) return failed("config", config.error());
    if (print->parsed()) std::cout << app::effective(*config);
    else std::cout << (file.name.empty() ? "defaults and environment" : file.name) << ": ok\n";
    return exit_ok;
}

}  // namespace

extern Command const config_command{"config", "checks, shows and explains the settings of `boni serve`",
                                    "boni config check -c /etc/boni/boni.toml", run_config};

}  // namespace boni::cli
