#include "cli/shell/arguments.hpp"

#include <iostream>
#include <sstream>

#include <doctest/doctest.h>

using namespace boni;

namespace {

cli::Command const tree_command{"tree", "looks after trees", "boni tree plant oak", nullptr};

/// What it says on either stream, after the exit code.
std::string said_by_tree(std::vector<char const*> const& words) {
    cli::Arguments arguments{tree_command};
    arguments.require_subcommand(1);
    std::string tree;
    arguments.add_subcommand("ls", "does it");
    arguments.add_subcommand("plant", "does it")->add_option("tree", tree, "which");
    std::ostringstream said;
    auto* const out = std::cout.rdbuf(said.rdbuf());
    auto* const err = std::cerr.rdbuf(said.rdbuf());
    auto const over = arguments.read(words);
    std::cout.rdbuf(out);
    std::cerr.rdbuf(err);
    return std::to_string(over.value_or(-1)) + ' ' + said.str();
}

}  // namespace

TEST_CASE("a subcommand's help has its whole name and the example") {
    auto const help = said_by_tree({"plant", "--help"});
    CHECK(help.starts_with("0 "));
    CHECK(help.find("boni tree plant [OPTIONS]") != std::string::npos);
    CHECK(help.find("boni tree plant oak") != std::string::npos);
}

TEST_CASE("a subcommand that is not there is named, with those that are") {
    CHECK(said_by_tree({"fell"}) == "2 boni tree: there is no 'fell'; there are ls, plant\nsee boni tree --help\n");
    CHECK(said_by_tree({}).starts_with("2 boni tree: "));
    CHECK(said_by_tree({"ls"}) == "-1 ");
}

TEST_CASE("an empty name is a mistake, as of a script's variable that is not set") {
    CHECK(said_by_tree({"plant", ""}) == "2 boni tree: tree: may not be empty\nsee boni tree --help\n");
    CHECK(said_by_tree({"plant", "oak"}) == "-1 ");
    CHECK(said_by_tree({"plant"}) == "-1 ");
}
