#include <doctest/doctest.h>

#include "webhook/dispatch.hpp"
#include "webhook/pace.hpp"
#include "webhook/turns.hpp"

using namespace boni;
using namespace boni::webhook;

namespace {

Steady const start{1h};

Candidate candidate(std::string tenant, std::string endpoint, std::size_t room, bool slow = false, bool replays = false) {
    return {EndpointId::from(std::move(endpoint)), TenantId::from(std::move(tenant)), replays, slow, slow, room};
}

std::map<std::string, std::size_t> given(std::vector<store::Grant> const& grants) {
    std::map<std::string, std::size_t> out;
    for (auto const& grant : grants) out[grant.endpoint.str()] += grant.count;
    return out;
}

}  // namespace

TEST_CASE("five failures in a row open the breaker; probes come after 30 s, doubling to ten minutes") {
    Breaker breaker;
    for (int i = 0; i < 4; ++i) CHECK(!breaker.failed(start));
    CHECK(!breaker.open());
    CHECK(breaker.failed(start));
    CHECK(breaker.open());
    CHECK(!breaker.may_probe(start + 29s));
    auto now = start;
    for (auto const wait : {30s, 60s, 120s, 240s, 480s, 600s, 600s}) {
        CHECK(!breaker.may_probe(now + wait - 1s));
        now += wait;
        CHECK(breaker.may_probe(now));
        breaker.probe_sent(now);
        CHECK(!breaker.may_probe(now));                      // one at a time
        CHECK(!breaker.failed(now));
        CHECK(breaker.probe_at() > now);
    }
    now = breaker.probe_at();
    breaker.probe_sent(now);
    CHECK(breaker.succeeded(now));
    CHECK(!breaker.open());
    for (int i = 0; i < 4; ++i) CHECK(!breaker.failed(now)); // history is forgotten
    CHECK(breaker.failed(now));
    CHECK(breaker.probe_at() == now + 30s);
}

TEST_CASE("an attempt that was on its way when the breaker opened does not count as the probe") {
    Breaker breaker;
    for (int i = 0; i < 5; ++i) breaker.failed(start);
    breaker.failed(start + 1s);
    CHECK(breaker.probe_at() == start + 30s);
    CHECK(breaker.may_probe(start + 30s));
    breaker.probe_sent(start + 30s);
    breaker.probe_lost();
    CHECK(breaker.may_probe(start + 30s));
}

TEST_CASE("a delivery that a person asks for probes ten seconds after the last failure, and its own failure changes nothing") {
    Breaker breaker;
    for (int i = 0; i < 5; ++i) breaker.failed(start);
    CHECK(!breaker.may_probe(start + 9s, true));
    CHECK(breaker.may_probe(start + 10s, true));
    breaker.probe_sent(start + 10s);
    CHECK(!breaker.failed(start + 11s));
    CHECK(breaker.probe_at() == start + 30s);
    CHECK(breaker.probe_at(true) == start + 21s);
    breaker.probe_sent(start + 21s);
    CHECK(breaker.succeeded(start + 21s));
}

TEST_CASE("seventy per cent of ten within five minutes open it too, fewer do not") {
    Breaker mixed;
    for (int i = 0; i < 9; ++i) CHECK(!(i % 3 == 0 ? (mixed.succeeded(start), false) : mixed.failed(start)));   // 6 of 9
    CHECK(mixed.failed(start));                              // 7 of 10
    Breaker old;
    for (int i = 0; i < 9; ++i) i % 3 == 0 ? old.succeeded(start) : old.failed(start);
    CHECK(!old.failed(start + 6min));
    Breaker few;
    for (int i = 0; i < 3; ++i) few.failed(start);
    few.succeeded(start);
    CHECK(!few.failed(start));                               // 4 of 5
}

TEST_CASE("an endpoint starts with four in flight, gains one per fifty quick successes, halves on failure") {
    Pace pace;
    CHECK(pace.in_flight_limit() == 4);
    for (int i = 0; i < 50; ++i) pace.succeeded(10ms);
    CHECK(pace.in_flight_limit() == 5);
    for (int i = 0; i < 49; ++i) pace.succeeded(10ms);
    for (int i = 0; i < 100; ++i) pace.succeeded(1s);        // not quick
    CHECK(pace.in_flight_limit() == 5);
    for (int i = 0; i < 2000; ++i) pace.succeeded(10ms);
    CHECK(pace.in_flight_limit() == 16);
    for (std::size_t const limit : {8, 4, 2, 1, 1}) {
        pace.failed(10ms);
        CHECK(pace.in_flight_limit() == limit);
    }
    pace.restart();
    CHECK(pace.in_flight_limit() == 1);
    pace.succeeded(10ms);
    CHECK(pace.in_flight_limit() == 2);
    pace.succeeded(10ms);
    CHECK(pace.in_flight_limit() == 4);
    pace.succeeded(10ms);
    CHECK(pace.in_flight_limit() == 4);
}

TEST_CASE("an endpoint is slow after a failure, and while one in twenty takes over two seconds") {
    Pace pace;
    CHECK(!pace.slow());
    pace.failed(10ms);
    CHECK(pace.slow());
    pace.succeeded(10ms);
    CHECK(!pace.slow());
    pace.succeeded(2001ms);
    CHECK(pace.slow());
    for (int i = 0; i < 19; ++i) pace.succeeded(10ms);
    CHECK(!pace.slow());                                     // one of twenty is the 5 % above the percentile
    pace.succeeded(3s);
    pace.succeeded(3s);
    CHECK(pace.slow());
}

TEST_CASE("slots go round by tenant, then by endpoint") {
    Turns turns;
    std::vector<Candidate> big;
    for (int i = 0; i < 40; ++i) big.push_back(candidate("ten_a", "wh_a" + std::to_string(100 + i), 16));
    big.push_back(candidate("ten_b", "wh_b", 4));
    InFlight busy{.all = in_flight_max - 10};
    auto const grants = given(turns.share(big, busy));
    CHECK(grants.at("wh_b") == 4);                           // five turns were its own, four it had room for
    CHECK(grants.size() == 7);                               // and six endpoints of the other tenant got one each
    CHECK(grants.contains("wh_a105"));
    auto const next = given(turns.share(big, busy));
    CHECK(next.contains("wh_a106"));                         // the round goes on where it ended
    CHECK(!next.contains("wh_a100"));
}

TEST_CASE("a tenant's, the slow lane's and an endpoint's bounds hold together") {
    Turns turns;
    std::vector<Candidate> all;
    for (int tenant = 0; tenant < 20; ++tenant)
        for (int i = 0; i < 10; ++i)
            all.push_back(candidate("ten_" + std::to_string(tenant), "wh_" + std::to_string(tenant) + "_" + std::to_string(i), 16, tenant < 10));
    auto const grants = given(turns.share(all, {}));
    std::size_t sum = 0, slow = 0;
    for (auto const& [endpoint, count] : grants) {
        CHECK(count <= 16);
        sum += count;
        if (endpoint[4] == '_') slow += count;               // ten_0 to ten_9
    }
    CHECK(sum == in_flight_max);
    CHECK(slow <= in_flight_slow_max);
    CHECK(slow > 0);

    Turns fresh;
    auto const one = given(fresh.share({candidate("ten_a", "wh_1", 100)}, {}));
    CHECK(one.at("wh_1") == in_flight_tenant_max);
    auto const full = fresh.share({candidate("ten_a", "wh_1", 100)}, {.by_tenant = {{TenantId::from("ten_a"), in_flight_tenant_max}}});
    CHECK(full.empty());
    auto const shared = given(fresh.share({candidate("ten_a", "wh_1", 4), candidate("ten_a", "wh_1", 4, false, true)}, {}));
    CHECK(shared.at("wh_1") == 4);                           // fresh deliveries and replays of an endpoint share its room
}

TEST_CASE("what a tenant's doubtful endpoints may hold leaves room for those that answer") {
    Turns turns;
    std::vector<Candidate> all;
    for (int i = 0; i < 30; ++i) all.push_back(candidate("ten_a", "wh_dead" + std::to_string(100 + i), 4));
    for (auto& one : all) one.doubtful = true;
    all.push_back(candidate("ten_a", "wh_good", 16));
    auto const grants = given(turns.share(all, {.by_tenant = {{TenantId::from("ten_a"), 40}}}));
    CHECK(grants.at("wh_good") == 16);
    std::size_t doubtful = 0;
    for (auto const& [endpoint, count] : grants) doubtful += endpoint == "wh_good" ? 0 : count;
    CHECK(doubtful <= 8);
}

TEST_CASE("a dispatch defers behind an open breaker, probes once, and starts nothing twice") {
    Dispatch dispatch;
    Instant const now = from_unix_ms(1'795'414'211'098);
    Steady steady = start;
    auto const endpoint = EndpointId::from("wh_1");
    std::vector<store::DueEndpoint> const due{{endpoint, TenantId::from("ten_a"), false, now}};
    auto attempt = [&](std::string id, bool succeeds) {
        store::DueDelivery one;
        one.delivery.id = DeliveryId::from(std::move(id));
        one.delivery.endpoint = endpoint;
        one.delivery.tenant = TenantId::from("ten_a");
        CHECK(dispatch.start(one, steady));
        CHECK(!dispatch.start(one, steady));
        return dispatch.finish(one.delivery.id, succeeds, 5ms, steady);
    };
    CHECK(dispatch.plan(due, now, steady).grants.at(0).count == 4);
    for (int i = 0; i < 4; ++i) CHECK(!attempt("whd_" + std::to_string(i), false));
    CHECK(attempt("whd_4", false));
    CHECK(dispatch.broken(endpoint));
    auto plan = dispatch.plan(due, now, steady);
    CHECK(plan.grants.empty());
    REQUIRE(plan.deferrals.size() == 1);
    CHECK(plan.deferrals[0].until == now + 30s);
    std::vector<store::DueEndpoint> const replay{{endpoint, TenantId::from("ten_a"), true, now}};
    plan = dispatch.plan(replay, now, steady);
    REQUIRE(plan.deferrals.size() == 1);
    CHECK(plan.deferrals[0].replays);
    CHECK(plan.deferrals[0].until == now + 10s);
    CHECK(dispatch.plan(replay, now + 10s, steady + 10s).grants.at(0).count == 1);
    steady += 30s;
    plan = dispatch.plan(due, now + 30s, steady);
    CHECK(plan.deferrals.empty());
    CHECK(plan.grants.at(0).count == 1);
    CHECK(attempt("whd_5", true));
    CHECK(!dispatch.broken(endpoint));
    CHECK(dispatch.plan(due, now, steady).grants.at(0).count == 1);   // one at a time after a breaker
    CHECK(!attempt("whd_6", true));
    CHECK(dispatch.plan(due, now, steady).grants.at(0).count == 2);
    CHECK(dispatch.in_flight() == 0);
    dispatch.abandon(DeliveryId::from("whd_unknown"));

    for (int i = 7; i < 11; ++i) CHECK(!attempt("whd_" + std::to_string(i), false));
    CHECK(attempt("whd_11", false));
    CHECK(dispatch.plan(due, now, steady).deferrals.at(0).until == now + 30s);
    auto changed = due;
    changed[0].changed_at = now;                             // its customer has saved it again
    CHECK(dispatch.plan(changed, now, steady).deferrals.at(0).until == now + 10s);
    CHECK(dispatch.plan(changed, now, steady).deferrals.at(0).until == now + 10s);
    steady += 10s;
    CHECK(dispatch.plan(changed, now, steady).grants.at(0).count == 1);
    CHECK(!attempt("whd_12", false));
    CHECK(dispatch.plan(changed, now, steady).deferrals.at(0).until == now + 20s);   // it was not mended: as before
}
