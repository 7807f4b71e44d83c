#include "base/chatter.hpp"

#include <doctest/doctest.h>

#include "support/descriptor.hpp"

using namespace boni;

TEST_CASE("a library's lines go to who asked for them, everything else to the descriptor, whole") {
    static std::vector<std::string> heard;
    auto* const listener = +[](std::string_view line) { heard.emplace_back(line); };
    for (auto twice = 0; twice < 2; ++twice) divert_chatter({"lib: ", "[lib/"}, listener);
    auto const print = [] { std::fputs("\nlib: one\nours: lib: two\n\n[lib/three]\n", stderr); };
    CHECK(test::on_standard_error(print) == "ours: lib: two\n");
    CHECK(heard == std::vector<std::string>{"lib: one", "[lib/three]"});
}
