// -c/--config, of the commands that work with the platform's own settings. Thread: main.
#pragma once

#include <string>

#include "app/config.hpp"
#include "cli/shell/arguments.hpp"

namespace boni::cli {

struct SettingsFile {
    std::string name;   ///< as given; empty: defaults and environment

    void option_of(CLI::App& command) {
        command.add_option("-c,--config", name, "TOML file of the platform; without it, defaults and environment")->check(filled);
    }
    /// What holds: the file, then the environment. Errors as app::load's.
    Result<app::Config> load() const { return app::load(name, app::environment()); }
};

}  // namespace boni::cli
