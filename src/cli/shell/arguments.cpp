#include "cli/shell/arguments.hpp"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

namespace boni::cli {
namespace {

/// As a script's variable that is not set: nothing has an empty name, and the server can only say that nothing is there.
void refuse_empty_names(CLI::App const& app) {
    for (auto const* const option : app.get_options())
        if (option->get_positional() && std::ranges::any_of(option->results(), &std::string::empty))
            throw CLI::ValidationError{option->get_name(), "may not be empty"};
    for (auto const* const chosen : app.get_subcommands()) refuse_empty_names(*chosen);
}

}  // namespace

Arguments::Arguments(Command const& command) : CLI::App{std::string{command.summary}, fmt::format("boni {}", command.name)} {
    footer(fmt::format("\nExample:\n  {}", command.example));
    get_formatter()->column_width(40);
}

/// What is wrong; a word that stands where a subcommand belongs is named, with what there is.
std::string Arguments::mistake(CLI::ParseError const& error) const {
    auto const extra = remaining();
    auto const& known = get_subcommands([](CLI::App const*) { return true; });
    if (known.empty() || !get_subcommands().empty() || extra.empty()) return error.what();
    std::string names;
    for (auto const* const one : known) names += (names.empty() ? "" : ", ") + one->get_name();
    return fmt::format("there is no '{}'; there are {}", extra.front(), names);
}

std::optional<int> Arguments::read(std::span<char const* const> args) {
    std::vector<std::string> reversed{args.begin(), args.end()};   // CLI11 takes them from the back
    std::ranges::reverse(reversed);
    try {
        parse(std::move(reversed));
        refuse_empty_names(*this);
    } catch (CLI::CallForHelp const&) {
        auto const chosen = get_subcommands();
        std::cout << (chosen.empty() ? help() : chosen.front()->help(get_name()));
        return exit_ok;
    } catch (CLI::ParseError const& error) {
        std::cerr << fmt::format("{}: {}\nsee {} --help\n", get_name(), mistake(error), get_name());
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
    std::cerr << fmt::format("see boni {} --help\n", command);
    return exit_usage;
}

}  // namespace boni::cli
