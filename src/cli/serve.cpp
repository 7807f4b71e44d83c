#include "app/app.hpp"
#include "app/early_signals.hpp"

#include "cli/shell/settings_file.hpp"

namespace boni::cli {

extern Command const serve_command;

namespace {

int run_serve(std::span<char const* const> args) {
    Arguments arguments{serve_command};
    SettingsFile file;
    file.option_of(arguments);
    if (auto const over = arguments.read(args)) return *over;
    app::hold_signals();
    auto config = file.load();
    if (!config) return failed("serve", config.error());
    return app::run(*std::move(config));
}

}  // namespace

extern Command const serve_command{"serve", "the platform; SIGTERM drains, SIGHUP reads certificates again",
                                   "boni serve -c /etc/boni/boni.toml", run_serve};

}  // namespace boni::cli
