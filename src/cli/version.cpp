#include "base/version.hpp"

#include <iostream>

#include "base/json.hpp"

#include "cli/shell/arguments.hpp"

namespace boni::cli {

extern Command const version_command;

namespace {

int run_version(std::span<char const* const> args) {
    Arguments arguments{version_command};
    auto as_json = false;
    arguments.add_flag("--json", as_json, "one JSON object");
    if (auto const over = arguments.read(args)) return *over;
    if (as_json) std::cout << json::serialize(json::object{{"version", version()}}) << '\n';
    else std::cout << "boni " << version() << '\n';
    return exit_ok;
}

}  // namespace

extern Command const version_command{"version", "which build this is", "boni version", run_version};

}  // namespace boni::cli
