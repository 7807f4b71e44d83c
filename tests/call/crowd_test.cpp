#include <doctest/doctest.h>

#include "call/crowd.hpp"

namespace boni::call {
namespace {

/// The first call of `count` that is crowded when one comes every `apart`; 0: none.
std::size_t first_crowded(Crowd& crowd, std::size_t count, std::chrono::microseconds apart) {
    static Steady now{1h};
    now += 1h;                                       // a quiet hour before
    for (std::size_t call = 1; call <= count; ++call, now += apart) {
        crowd.arrived(now);
        if (crowd.crowded()) return call;
    }
    return 0;
}

}  // namespace

TEST_CASE("calls at 300 a second are a crowd, at 100 a second never") {
    Crowd crowd;
    CHECK(first_crowded(crowd, 10'000, 10ms) == 0);
    CHECK(first_crowded(crowd, 10'000, 3333us) == Crowd::many + 1);
}

TEST_CASE("a handful at once is no crowd, and an hour later none of it is counted") {
    Crowd crowd;
    for (int round = 0; round < 3; ++round) CHECK(first_crowded(crowd, Crowd::many, 0us) == 0);
}

TEST_CASE("a crowd that thins out is none any more") {
    Crowd crowd;
    Steady now{1h};
    for (std::size_t call = 0; call < 100; ++call) crowd.arrived(now += 2ms);
    CHECK(crowd.crowded());
    for (std::size_t call = 0; call < Crowd::many; ++call) crowd.arrived(now += 20ms);
    CHECK_FALSE(crowd.crowded());
}

}  // namespace boni::call
