#include <iostream>

#include <fmt/format.h>

#include "app/master_key.hpp"
#include "cli/shell/settings_file.hpp"

namespace boni::cli {

extern Command const rotate_master_key_command;

namespace {

int run_rotate_master_key(std::span<char const* const> args) {
    Arguments arguments{rotate_master_key_command};
    SettingsFile file;
    auto as_json = false;
    file.option_of(arguments);
    arguments.add_flag("--json", as_json, "what was done, as one JSON object");
    if (auto const over = arguments.read(args)) return *over;
    auto const config = file.load();
    if (!config) return failed("rotate-master-key", config.error());

    auto const secrets = app::rotate_master_key(config->security, config->store.file);
    if (!secrets) return failed("rotate-master-key", secrets.error());
    auto const key = config->security.master_key_file.string();
    if (as_json) std::cout << json::serialize(json::object{{"masterKey", key}, {"before", key + ".before"}, {"secrets", *secrets}}) << '\n';
    else std::cout << fmt::format("{0}: {1} secrets are sealed with a new key. Backups of until now need the one in {0}.before: keep it with them.\n",
                                  key, *secrets);
    return exit_ok;
}

}  // namespace

extern Command const rotate_master_key_command{"rotate-master-key", "seals every secret of the database with a new master key, while the platform is stopped",
                                               "boni rotate-master-key -c /etc/boni/boni.toml", run_rotate_master_key};

}  // namespace boni::cli
