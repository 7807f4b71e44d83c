#include "base/version.hpp"

#include <iostream>

#include "cli/shell/arguments.hpp"

namespace boni::cli {

extern Command const version_command;

namespace {

int run_version(std::span<char const* const> args) {
    Arguments arguments{version_command};
    if (auto const over = arguments.read(args)) return *over;
    std::cout << "boni " << version() << '\n';
    return exit_ok;
}

}  // namespace

extern Command const version_command{"version", "which build this is", "boni version", run_version};

}  // namespace boni::cli
