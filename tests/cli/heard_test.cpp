#include "cli/softphone/heard.hpp"

#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace boni;
using namespace std::chrono_literals;

namespace {

void add(std::vector<std::int16_t>& to, double hz, double seconds, double level = 8000) {
    for (auto i = 0; i < int(seconds * cli::heard_rate_hz); ++i)
        to.push_back(std::int16_t(level * std::sin(2 * std::numbers::pi * hz * i / cli::heard_rate_hz)));
}

}  // namespace

TEST_CASE("stretches of sound have their times and levels, and short gaps do not part them") {
    std::vector<std::int16_t> heard;
    add(heard, 0, 0.5);
    add(heard, 440, 1.0);
    add(heard, 0, 0.2);
    add(heard, 440, 0.5);
    add(heard, 0, 1.0);
    add(heard, 600, 0.4, 2000);
    auto const found = cli::stretches(heard);
    REQUIRE(found.size() == 2);
    CHECK(found[0].from == 500ms);
    CHECK(found[0].until == 2200ms);
    CHECK(found[1].from == 3200ms);
    CHECK(found[0].level_dbov == doctest::Approx(-15.3).epsilon(0.05));
    CHECK(cli::stretches(std::vector<std::int16_t>(8000, 3)).empty());
}

TEST_CASE("a tone is told from another and from noise") {
    std::vector<std::int16_t> heard;
    add(heard, 440, 1.0);
    add(heard, 0, 1.0);
    CHECK(cli::share_of_tone(heard, 440) > 0.95);
    CHECK(cli::share_of_tone(heard, 800) < 0.05);
    CHECK(cli::share_of_tone({}, 440) == 0);
}
