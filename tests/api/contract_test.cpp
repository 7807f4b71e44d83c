// What this build serves is what the contract has, less the list of what it does not serve yet.
#include <fstream>
#include <set>

#include "api/resource.hpp"
#include "call/action.hpp"
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

using Operations = std::set<std::string>;

std::vector<std::string> lines(char const* path) {
    std::ifstream file{path};
    REQUIRE(file);
    std::vector<std::string> out;
    for (std::string line; std::getline(file, line);) out.push_back(line);
    return out;
}

/// "GET /calls/{call_id}" of every operation below `paths:`, two spaces before a path and four before a method.
Operations contract() {
    Operations out;
    std::string path;
    bool paths = false;
    for (auto const& line : lines("tests/contract/skeleton.yaml")) {
        if (!line.starts_with(' ')) paths = line == "paths:";
        if (!paths || !line.ends_with(':')) continue;
        auto const depth = line.find_first_not_of(' ');
        auto word = line.substr(depth, line.size() - depth - 1);
        if (depth == 2) path = word;
        std::ranges::transform(word, word.begin(), [](unsigned char c) { return char(std::toupper(c)); });
        if (depth == 4) out.insert(word + ' ' + path);
    }
    return out;
}

Operations unserved() {
    Operations out;
    for (auto const& line : lines("tests/contract/unserved.txt"))
        if (!line.empty() && !line.starts_with('#')) out.insert(line);
    return out;
}

Operations served() {
    Operations out;
    for (auto const* const resource : api::all_resources())
        for (auto const& operation : resource->operations)
            if (operation.action.empty() || call::find_action(operation.action))
                out.insert(std::string{operation.method} + ' ' + std::string{operation.path});
    return out;
}

}  // namespace

TEST_CASE("served and unserved operations are together the contract's, each in one of them") {
    auto all = unserved();
    for (auto const& operation : served()) {
        CAPTURE(operation);
        CHECK(all.insert(operation).second);
    }
    CHECK(contract().size() == 30);
    CHECK(all == contract());
}

TEST_CASE("an operation that is not served is 404") {
    ApiStage stage;
    for (auto const& operation : unserved()) {
        CAPTURE(operation);
        auto const space = operation.find(' ');
        auto path = operation.substr(space + 1);
        for (auto& byte : path)
            if (byte == '{' || byte == '}') byte = 'x';
        CHECK(stage.ask(operation.substr(0, space), "/v1" + path, "{}").status() == 404);
    }
}

TEST_CASE("every call action this build has can be asked for") {
    std::set<std::string_view> offered;
    for (auto const* const resource : api::all_resources())
        for (auto const& operation : resource->operations) offered.insert(operation.action);
    for (auto const* const action : call::all_actions()) CHECK(offered.contains(action->name));
}
