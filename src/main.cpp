// Arguments to command. What a command does is told by its file in src/cli/.
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "app/setting.hpp"
#include "base/version.hpp"
#include "cli/command.hpp"

namespace {

using namespace boni;

int help() {
    std::cout << "boni " << version() << ", a programmable voice platform\n\nusage: boni COMMAND [OPTIONS], boni COMMAND --help\n\n";
    for (auto const* const command : cli::all_cli())
        std::cout << "  " << command->name << std::string(12 - std::min<std::size_t>(11, command->name.size()), ' ') << command->summary << '\n';
    std::cout << "\nStart with `boni dev`: the whole platform on loopback.\n";
    return cli::exit_ok;
}

int unknown(std::string const& word) {
    std::vector<std::string> names;
    for (auto const* const command : cli::all_cli()) names.emplace_back(command->name);
    std::cerr << "boni: there is no command '" << word << "'; did you mean '" << app::nearest(word, names) << "'? See boni --help\n";
    return cli::exit_usage;
}

}  // namespace

int main(int count, char** words) {
    std::span<char const* const> const args{words, std::size_t(count)};
    if (args.size() < 2) {
        help();
        return cli::exit_usage;
    }
    std::string const word = args[1];
    if (word == "--help" || word == "-h" || word == "help") return help();
    auto const name = word == "--version" ? "version" : word;
    for (auto const* const command : cli::all_cli())
        if (command->name == name) return command->run(args.subspan(2));
    return unknown(word);
}
