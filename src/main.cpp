// Arguments to command. What a command does is told by its file in src/cli/.
#include <algorithm>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "base/edit_distance.hpp"
#include "base/version.hpp"
#include "cli/command.hpp"
#include "cli/shell/standard_streams.hpp"

namespace {

using namespace boni;

int help() {
    std::cout << "boni " << version() << ", a programmable voice platform\n\nusage: boni COMMAND [OPTIONS], boni COMMAND --help\n\n";
    std::size_t widest = 0;
    for (auto const* const command : cli::all_cli()) widest = std::max(widest, command->name.size());
    for (auto const* const command : cli::all_cli())
        std::cout << "  " << command->name << std::string(widest + 2 - command->name.size(), ' ') << command->summary << '\n';
    std::cout << "\nStart with `boni dev`: the whole platform on loopback.\n";
    return cli::exit_ok;
}

int unknown(std::string const& word) {
    std::vector<std::string> names;
    for (auto const* const command : cli::all_cli()) names.emplace_back(command->name);
    auto const nearest = boni::nearest(word, names);
    auto const likely = word.substr(0, 1) == nearest.substr(0, 1);   // else it is a guess at random
    std::cerr << "boni: there is no command '" << word << "'; " << (likely ? "did you mean '" + nearest + "'? See" : "see") << " boni --help\n";
    return cli::exit_usage;
}

int run(std::span<char const* const> args) {
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

}  // namespace

int main(int count, char** words) {
    cli::open_standard_streams();
    return cli::after_output(run({words, std::size_t(count)}));
}
