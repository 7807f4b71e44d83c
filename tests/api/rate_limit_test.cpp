#include <doctest/doctest.h>

#include "api/rate_limit.hpp"

using namespace boni;
using namespace boni::api;

namespace {
constexpr Steady start{std::chrono::hours{1}};
}

TEST_CASE("a new bucket gives its burst at once and then refuses") {
    Buckets buckets;
    for (int taken = 0; taken < 10; ++taken) {
        auto const got = buckets.take("call_1", action_rate, start);
        CHECK(got.allowed);
        CHECK(got.left == 9 - taken);
    }
    auto const refused = buckets.take("call_1", action_rate, start);
    CHECK_FALSE(refused.allowed);
    CHECK(refused.left == 0);
    CHECK(refused.retry_after == 1s);
    CHECK(buckets.take("call_2", action_rate, start).allowed);
}

TEST_CASE("after the burst one comes back every interval, and a refusal costs nothing") {
    Buckets buckets;
    for (int taken = 0; taken < 10; ++taken) buckets.take("k", action_rate, start);
    for (int tries = 0; tries < 100; ++tries) CHECK_FALSE(buckets.take("k", action_rate, start + 199ms).allowed);
    CHECK(buckets.take("k", action_rate, start + 200ms).allowed);
    CHECK_FALSE(buckets.take("k", action_rate, start + 201ms).allowed);
}

TEST_CASE("ten writes that resolve DNS, then one in six seconds") {
    Buckets buckets;
    for (int taken = 0; taken < 10; ++taken) CHECK(buckets.take("t", dns_rate, start).allowed);
    auto const refused = buckets.take("t", dns_rate, start);
    CHECK_FALSE(refused.allowed);
    CHECK(refused.retry_after == 6s);
    CHECK(buckets.take("t", dns_rate, start + 6s).allowed);
}

TEST_CASE("looking takes nothing") {
    Buckets buckets;
    Rate const one{1s, 1};
    CHECK(buckets.open("k", one, start));
    CHECK(buckets.take("k", one, start).allowed);
    CHECK_FALSE(buckets.open("k", one, start));
    CHECK(buckets.open("k", one, start + 1s));
}

TEST_CASE("the plan's figure per minute is a rate with two seconds' burst") {
    CHECK(plan_rate(6000).interval == 10ms);
    CHECK(plan_rate(6000).burst == 200);
    CHECK(plan_rate(3000).burst == 100);
    CHECK(plan_rate(0).burst == 1);
}

TEST_CASE("who is given a higher rate does not wait for the old one") {
    Buckets buckets;
    CHECK(buckets.take("t", plan_rate(1), start).allowed);
    auto const refused = buckets.take("t", plan_rate(6000), start);
    CHECK_FALSE(refused.allowed);
    CHECK(refused.retry_after == 1s);
    CHECK(refused.full_after == 2s);
    CHECK(buckets.take("t", plan_rate(6000), start + 10ms).allowed);
}

TEST_CASE("full buckets are forgotten, others stay") {
    Buckets buckets;
    for (int bucket = 0; bucket < 1024; ++bucket) buckets.take("old" + std::to_string(bucket), action_rate, start);
    for (int taken = 0; taken < 10; ++taken) buckets.take("busy", action_rate, start + 10s);
    CHECK(buckets.size() < 10);
    CHECK_FALSE(buckets.take("busy", action_rate, start + 10s).allowed);
}
