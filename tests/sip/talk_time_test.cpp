#include "sip/talk_time.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::sip;

namespace {

/// Both clocks as they go when nobody sets one.
struct Talking {
    static Steady steady(Instant at) { return Steady{at.time_since_epoch()}; }
    void began(std::uint64_t call, Instant at) { time.began(call, steady(at)); }
    void ended(std::uint64_t call, Instant at) { time.ended(call, steady(at), at); }
    double minutes(Instant at) { return time.minutes(steady(at), at); }
    TalkTime time{};
};

}  // namespace

TEST_CASE("a trunk's minutes are those of its calls that are over and of those that go on") {
    Talking time;
    auto const noon = *ist_day_start("2026-11-27") + 12h;
    time.began(1, noon);
    time.began(2, noon + 1min);
    CHECK(time.minutes(noon + 2min) == doctest::Approx(3));
    time.ended(1, noon + 2min);
    time.ended(7, noon + 2min);   // never talked
    CHECK(time.minutes(noon + 12min) == doctest::Approx(13));
}

TEST_CASE("at midnight in India a trunk's minutes begin anew, in the middle of a call too") {
    Talking time;
    auto const midnight = *ist_day_start("2026-11-28");
    time.began(1, midnight - 10min);
    time.began(2, midnight - 5min);
    time.ended(2, midnight - 1min);
    CHECK(time.minutes(midnight - 1min) == doctest::Approx(13));
    CHECK(time.minutes(midnight + 3min) == doctest::Approx(3));
    time.ended(1, midnight + 4min);
    CHECK(time.minutes(midnight + 1h) == doctest::Approx(4));
}

TEST_CASE("a clock that is set while a call talks does not use up its trunk's day") {
    auto const noon = *ist_day_start("2026-11-28") + 12h;
    Steady const began{1h};
    TalkTime time;
    time.began(1, began);
    time.began(2, began);
    CHECK(time.minutes(began + 1min, noon + 3h) == doctest::Approx(2));
    time.ended(1, began + 2min, noon + 3h);
    CHECK(time.minutes(began + 2min, noon - 3h) == doctest::Approx(4));
}
