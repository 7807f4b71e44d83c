#include "cli/shell/arguments.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

namespace boni::cli {

Arguments::Arguments(Command const& command) : CLI::App{std::string{command.summary}, fmt::format("boni {}", command.name)} {
    footer(fmt::format("\nExample:\n  {}", command.example));
    get_formatter()->column_width(40);
}

std::optional<int> Arguments::read(std::span<char const* const> args) {
    std::vector<std::string> reversed{args.begin(), args.end()};   // CLI11 takes them from the back
    std::ranges::reverse(reversed);
    try {
        parse(std::move(reversed));
    } catch (CLI::CallForHelp const&) {
        auto const chosen = get_subcommands();
        std::cout << (chosen.empty() ? help() : chosen.front()->help());
        return exit_ok;
    } catch (CLI::ParseError const& error) {
        std::cerr << fmt::format("{}: {}\nsee {} --help\n", get_name(), error.what(), get_name());
        return exit_usage;
    }
    return std::nullopt;
}

int failed(std::string_view command, Error const& error) {
    std::cerr << fmt::format("boni {}: {}\n", command, error.what);
    return exit_failed;
}

int misused(std::string_view command, Error const& error) {
    failed(command, error);
    return exit_usage;
}

}  // namespace boni::cli
