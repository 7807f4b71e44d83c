// A command's arguments, read by CLI11: the same help, example and exit codes for all. Thread: main.
#pragma once

#include <optional>
#include <span>

#include <CLI/CLI.hpp>

#include "base/result.hpp"
#include "cli/command.hpp"

namespace boni::cli {

/// A parser that knows the command's name, summary and example.
class Arguments : public CLI::App {
  public:
    explicit Arguments(Command const& command);

    /// Reads them; a code when the command is over: help was shown (0), or a mistake was explained (2).
    std::optional<int> read(std::span<char const* const> args);

  private:
    std::string mistake(CLI::ParseError const& error) const;
};

/// For what '' would silently leave out, as an empty variable of a script does with a filter.
inline CLI::Validator const filled{[](std::string& text) { return std::string{text.empty() ? "may not be empty" : ""}; }, ""};

/// Says on stderr what went wrong and returns exit_failed.
int failed(std::string_view command, Error const& error);
/// The same for what the user wrote: exit_usage.
int misused(std::string_view command, Error const& error);

}  // namespace boni::cli
