// libre's timers run by the clock that nobody sets.
#include <doctest/doctest.h>

#include "base/clock.hpp"
#include "sip/re.hpp"

using namespace boni;

TEST_CASE("a timer of libre is due by the steady clock") {
    auto const now = [] { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
    struct tmr timer;
    tmr_init(&timer);
    auto const before = now();
    tmr_start(&timer, 5000, [](void*) {}, nullptr);
    CHECK(std::int64_t(timer.jfs) >= before + 5000);
    CHECK(std::int64_t(timer.jfs) <= now() + 5000);
    CHECK(tmr_get_expire(&timer) > 0);
    CHECK(tmr_get_expire(&timer) <= 5000);
    tmr_cancel(&timer);
}
