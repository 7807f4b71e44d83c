#include "media/resample.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("a tone keeps its length, its level and its place when the rate changes") {
    for (auto const [from, to] : {std::pair{8'000, 16'000}, {48'000, 8'000}, {44'100, 8'000}, {22'050, 16'000}}) {
        CAPTURE(from);
        std::vector<std::int16_t> tone(std::size_t(from) / 2);
        for (auto i = 0uz; i < tone.size(); ++i) tone[i] = std::int16_t(10'000 * std::sin(2 * std::numbers::pi * 500 * double(i) / from));
        auto const out = media::resample(tone, from, to);
        CHECK(out.size() == std::size_t(to) / 2);
        auto worst = 0.0;
        for (auto i = out.size() / 10; i < out.size() * 9 / 10; ++i)
            worst = std::max(worst, std::abs(out[i] - 10'000 * std::sin(2 * std::numbers::pi * 500 * double(i) / to)));
        CHECK(worst < 250);
    }
    CHECK(media::resample({}, 48'000, 8'000).empty());
}
