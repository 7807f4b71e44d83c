#include "base/allowance.hpp"

#include <doctest/doctest.h>

using namespace boni;

namespace {

int taken(Allowance& allowance, Steady now) {
    auto count = 0;
    while (allowance.take(now)) ++count;
    return count;
}

}  // namespace

TEST_CASE("a burst at once, then evenly, and no more than the burst after a pause") {
    Allowance allowance{2, 5};
    Steady const start{1h};
    CHECK(taken(allowance, start) == 5);
    CHECK(taken(allowance, start + 400ms) == 0);
    CHECK(taken(allowance, start + 500ms) == 1);
    CHECK_FALSE(allowance.full(start + 2s));
    CHECK(allowance.full(start + 1h));
    CHECK(taken(allowance, start + 1h) == 5);
    CHECK(taken(allowance, start) == 0);   // a clock that goes back gives nothing
}

TEST_CASE("an allowance that changes forgets nothing that was taken") {
    Allowance allowance{1, 10};
    Steady const start{1h};
    CHECK(taken(allowance, start) == 10);
    allowance.change(5, 20);
    CHECK(taken(allowance, start) == 0);
    CHECK(taken(allowance, start + 1s) == 5);
    allowance.change(1, 2);
    CHECK(taken(allowance, start + 1h) == 2);
}

TEST_CASE("who takes more than there is waits until it has come back") {
    Allowance allowance{100, 50};
    Steady const start{1h};
    CHECK(allowance.owe(50, start) == 0s);
    CHECK(allowance.owe(10, start) == 100ms);
    CHECK(allowance.owe(0, start + 50ms) == 50ms);
    CHECK(allowance.owe(1, start + 200ms) == 0s);
    CHECK_FALSE(Allowance{100, 50}.owe(0, start) > 0s);
}
