#include "sip/backlog.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::sip;

namespace {

constexpr auto start = Steady{} + 1h;
constexpr SessionId one{1}, two{2};

}  // namespace

TEST_CASE("calls are let in while the oldest has not waited longer than the patience") {
    Backlog backlog{250ms};
    CHECK(!backlog.too_long(start));
    backlog.came(one, start);
    backlog.came(two, start + 200ms);
    CHECK(!backlog.too_long(start + 250ms));
    CHECK(backlog.too_long(start + 251ms));
    backlog.taken_up(one);
    CHECK(!backlog.too_long(start + 250ms));
    backlog.taken_up(two);
    backlog.taken_up(two);
    CHECK(!backlog.too_long(start + 10s));
}

TEST_CASE("once strained, a fifth of the wait is enough to refuse, until it kept its time for two seconds") {
    Backlog backlog{250ms};
    backlog.came(one, start);
    CHECK(backlog.too_long(start + 300ms));
    backlog.taken_up(one);
    backlog.came(two, start + 400ms);
    CHECK(!backlog.too_long(start + 450ms));
    CHECK(backlog.too_long(start + 451ms));
    backlog.taken_up(two);
    backlog.came(one, start + 2600ms);
    CHECK(!backlog.too_long(start + 2800ms));
}
