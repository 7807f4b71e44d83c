#include "base/id.hpp"

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("ids carry their prefix, sort by time and never repeat") {
    auto const at = from_unix_ms(1'795'414'211'098);
    auto const first = CallId::fresh(at);
    auto const second = CallId::fresh(at);
    auto const later = CallId::fresh(at + 1ms);
    CHECK(first.valid());
    CHECK(first < second);
    CHECK(second < later);
    CHECK(first.str().starts_with("call_"));
}

TEST_CASE("the form of an id is checked, not guessed") {
    for (auto const* bad : {"", "call", "call_", "num_01KAR7P3M4N5Q6R7S8T9V0W1X0", "call_01KAR7P3M4N5Q6R7S8T9V0W1X",
                            "call_81KAR7P3M4N5Q6R7S8T9V0W1X0",
                            "call_01KAR7P3M4N5Q6R7S8T9V0W1XU", "callx01KAR7P3M4N5Q6R7S8T9V0W1X0"})
        CHECK_FALSE(CallId::from(bad).valid());
    CHECK(CallId::from("call_01KAR7P3M4N5Q6R7S8T9V0W1X0").valid());
}
