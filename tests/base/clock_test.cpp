#include "base/clock.hpp"

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("timestamps are UTC with three decimals") { CHECK(rfc3339(from_unix_ms(1'795'414'211'098)) == "2026-11-23T06:10:11.098Z"); }

TEST_CASE("days begin at midnight in Kolkata") {
    auto const start = ist_day_start("2026-11-23");
    REQUIRE(start);
    CHECK(rfc3339(*start) == "2026-11-22T18:30:00.000Z");
    CHECK(ist_date(*start) == "2026-11-23");
    CHECK(ist_date(*start - 1us) == "2026-11-22");
    for (auto const* bad : {"2026-02-30", "2026-1-01", "20260101xx", "2026-13-01", "", "2026-11-2a", "-026-01-01"}) CHECK_FALSE(ist_day_start(bad));
}

TEST_CASE("a time that was written is read again, nothing else is") {
    auto const at = from_unix_ms(1'795'414'213'482);
    CHECK(from_rfc3339(rfc3339(at)) == at);
    for (auto const* bad : {"", "2026-11-23", "2026-11-23T06:10:13Z", "2026-11-23 06:10:13.482Z", "2026-11-23T24:00:00.000Z",
                            "2026-02-30T06:10:13.482Z",
                            "2026-11-23T06:10:13.482Zx", "2026-11-23T06:60:13.482Z"})
        CHECK_FALSE(from_rfc3339(bad));
}

TEST_CASE("midnight in India is when its day begins") {
    auto const at = from_unix_ms(1'795'414'213'482);
    CHECK(ist_midnight(at) == *ist_day_start(ist_date(at)));
    CHECK(ist_midnight(ist_midnight(at)) == ist_midnight(at));
    CHECK(ist_midnight(ist_midnight(at) - 1us) == ist_midnight(at) - std::chrono::days{1});
}
