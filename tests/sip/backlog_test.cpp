#include "sip/backlog.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::sip;

namespace {

constexpr auto opening = Steady{} + 1h;
constexpr SessionId first{1}, second{2};

}  // namespace

TEST_CASE("calls are let in while the oldest has not waited longer than the patience") {
    Backlog backlog{250ms};
    CHECK(!backlog.too_long(opening));
    backlog.came(first, opening);
    backlog.came(second, opening + 200ms);
    CHECK(!backlog.too_long(opening + 250ms));
    CHECK(backlog.too_long(opening + 251ms));
    backlog.taken_up(first);
    CHECK(!backlog.too_long(opening + 250ms));
    backlog.taken_up(second);
    backlog.taken_up(second);
    CHECK(!backlog.too_long(opening + 10s));
}

TEST_CASE("once strained, a fifth of the wait is enough to refuse, until it kept its time for two seconds") {
    Backlog backlog{250ms};
    backlog.came(first, opening);
    CHECK(backlog.too_long(opening + 300ms));
    backlog.taken_up(first);
    backlog.came(second, opening + 400ms);
    CHECK(!backlog.too_long(opening + 450ms));
    CHECK(backlog.too_long(opening + 451ms));
    backlog.taken_up(second);
    backlog.came(first, opening + 2600ms);
    CHECK(!backlog.too_long(opening + 2800ms));
}
