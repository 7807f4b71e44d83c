#include <doctest/doctest.h>

#include "support/fake_clock.hpp"
#include "targets/control_webhook/gather.hpp"

using namespace boni;
using namespace boni::targets::control_webhook;

TEST_CASE("enough digits end a gather at once") {
    test::FakeClock clock;
    GatherRequest const request{.digits = 2};
    Gather gather{request, false, clock.steady()};
    CHECK_FALSE(gather.press('4', clock.steady()));
    auto const end = gather.press('2', clock.steady());
    REQUIRE(end);
    CHECK(end->digits == "42");
    CHECK(end->by == "num_digits");
}

TEST_CASE("the finish key ends it and is not part of the digits") {
    test::FakeClock clock;
    GatherRequest const request;
    Gather gather{request, false, clock.steady()};
    gather.press('9', clock.steady());
    auto const end = gather.press('#', clock.steady());
    REQUIRE(end);
    CHECK(end->digits == "9");
    CHECK(end->by == "finish_key");
}

TEST_CASE("a finish key that is switched off is a digit") {
    test::FakeClock clock;
    GatherRequest const request{.finish = 0};
    Gather gather{request, false, clock.steady()};
    CHECK_FALSE(gather.press('#', clock.steady()));
    clock.advance(5s);
    CHECK(gather.tick(clock.steady())->digits == "#");
}

TEST_CASE("silence ends it, and every digit starts the silence anew") {
    test::FakeClock clock;
    GatherRequest const request{.timeout = 3s};
    Gather gather{request, false, clock.steady()};
    clock.advance(2999ms);
    CHECK_FALSE(gather.tick(clock.steady()));
    gather.press('1', clock.steady());
    clock.advance(2999ms);
    CHECK_FALSE(gather.tick(clock.steady()));
    clock.advance(1ms);
    auto const end = gather.tick(clock.steady());
    REQUIRE(end);
    CHECK(end->digits == "1");
    CHECK(end->by == "timeout");
}

TEST_CASE("the timeout starts when the prompt has ended") {
    test::FakeClock clock;
    GatherRequest const request{.timeout = 1s};
    Gather gather{request, true, clock.steady()};
    clock.advance(30s);
    CHECK_FALSE(gather.deadline());
    CHECK_FALSE(gather.tick(clock.steady()));
    gather.prompt_ended(clock.steady());
    clock.advance(1s);
    CHECK(gather.tick(clock.steady())->digits.empty());
}

TEST_CASE("a gather that names no number ends at 32 digits") {
    test::FakeClock clock;
    GatherRequest const request;
    Gather gather{request, false, clock.steady()};
    for (int i = 0; i < 31; ++i) CHECK_FALSE(gather.press('1', clock.steady()));
    CHECK(gather.press('1', clock.steady())->by == "num_digits");
}
