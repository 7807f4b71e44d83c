// The contract of a file in src/cli/: one file is one command of the binary. Thread: main.
#pragma once

#include <span>
#include <string_view>

namespace boni::cli {

/// What every command ends with (console-and-dx 5).
enum Exit : int { exit_ok = 0, exit_failed = 1, exit_usage = 2, exit_refused = 3, exit_unreachable = 4 };

struct Command {
    std::string_view name;                             ///< "tenant"
    std::string_view summary;                          ///< one line for `boni --help`
    std::string_view example;                          ///< one line, shown by --help
    int (*run)(std::span<char const* const> args);     ///< what follows the name; explains its own mistakes, returns an Exit
};

/// In order of name; generated from the folder.
std::span<Command const* const> all_cli();

}  // namespace boni::cli
