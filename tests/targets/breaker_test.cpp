#include <doctest/doctest.h>

#include "targets/control_webhook/breaker.hpp"

using namespace boni;
using namespace boni::targets::control_webhook;

TEST_CASE("the fifth failure in a row opens the breaker") {
    Breaker breaker;
    Steady now{1h};
    for (int i = 0; i < 4; ++i) CHECK_FALSE(breaker.failed(now));
    breaker.succeeded(now);
    for (int i = 0; i < 4; ++i) CHECK_FALSE(breaker.failed(now));
    CHECK(breaker.failed(now));
    CHECK(breaker.state() == Breaker::State::open);
    CHECK_FALSE(breaker.lets_through(now));
}

TEST_CASE("more than half of twenty attempts within 30 s open it too") {
    Breaker breaker;
    Steady now{1h};
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(breaker.succeeded(now));
        CHECK_FALSE(breaker.failed(now));
        now += 1s;
    }
    CHECK(breaker.failed(now));   // 11 of the last 20
}

TEST_CASE("attempts older than 30 s do not count") {
    Breaker breaker;
    Steady now{1h};
    for (int i = 0; i < 30; ++i) {
        CHECK_FALSE(breaker.succeeded(now));
        CHECK_FALSE(breaker.failed(now));
        CHECK_FALSE(breaker.failed(now));
        now += 6s;   // never twenty within 30 s
    }
    CHECK(breaker.state() == Breaker::State::closed);
}

TEST_CASE("an open breaker lets one call through every 5 s, and a success closes it") {
    Breaker breaker;
    Steady now{1h};
    for (int i = 0; i < 5; ++i) breaker.failed(now);
    CHECK_FALSE(breaker.lets_through(now + 4999ms));
    CHECK(breaker.lets_through(now + 5s));
    CHECK_FALSE(breaker.lets_through(now + 5s));
    CHECK_FALSE(breaker.failed(now + 5s));
    CHECK(breaker.lets_through(now + 10s));
    CHECK(breaker.succeeded(now + 10s));
    CHECK(breaker.lets_through(now + 10s));
}

TEST_CASE("410 keeps it open until the route is saved again") {
    Breakers breakers;
    auto const tenant = TenantId::from("ten_a");
    CHECK(breakers.of(tenant, "https://a.example.com/ivr?x=1").gone());
    CHECK_FALSE(breakers.of(tenant, "https://A.example.com/ivr?y=2").lets_through(Steady{10h}));
    CHECK(breakers.of(TenantId::from("ten_b"), "https://a.example.com/ivr").lets_through(Steady{10h}));
    CHECK(breakers.of(tenant, "https://a.example.com/other").lets_through(Steady{10h}));
    breakers.route_saved(tenant, "https://a.example.com/ivr");
    CHECK(breakers.of(tenant, "https://a.example.com/ivr").lets_through(Steady{10h}));
}

TEST_CASE("what was asked before the 410 and is answered after it closes nothing") {
    Breaker breaker;
    CHECK(breaker.gone());
    CHECK_FALSE(breaker.succeeded(Steady{1h}));
    CHECK(breaker.state() == Breaker::State::open);
    CHECK_FALSE(breaker.lets_through(Steady{10h}));
}

TEST_CASE("saving a route gives the tenant's servers that were gone another chance, also those that only decisions name") {
    Breakers breakers;
    auto const tenant = TenantId::from("ten_a"), other = TenantId::from("ten_b");
    for (auto const& one : {tenant, other}) breakers.of(one, "https://a.example.com/next").gone();
    for (int i = 0; i < 5; ++i) breakers.of(tenant, "https://a.example.com/down").failed(Steady{1h});
    breakers.route_saved(tenant, "https://a.example.com/ivr");
    CHECK(breakers.of(tenant, "https://a.example.com/next").state() == Breaker::State::closed);
    CHECK(breakers.of(tenant, "https://a.example.com/down").state() == Breaker::State::open);
    CHECK(breakers.of(other, "https://a.example.com/next").state() == Breaker::State::open);
}

TEST_CASE("one place has one breaker, however its URL is written") {
    auto const tenant = TenantId::from("ten_a");
    auto const key = [&](std::string_view url) { return breaker_key(tenant, url); };
    auto const place = key("https://a.example.com/ivr");
    for (auto const* const same : {"HTTPS://A.Example.com/ivr", "https://a.example.com:443/ivr", "https://a.example.com./ivr?call=/1",
                                   "https://a.example.com/ivr?"})
        CHECK(key(same) == place);
    for (auto const* const other : {"http://a.example.com/ivr", "https://a.example.com:8443/ivr", "https://a.example.com/ivr/",
                                    "https://a.example.com/IVR"})
        CHECK(key(other) != place);
    CHECK(key("https://a.example.com?call=1") == key("https://a.example.com/"));
    CHECK(key("http://a.example.com:80?call=/2") == key("http://a.example.com"));
    CHECK(key("http://[2606:4700::1]:80/") == key("http://[2606:4700::1]"));
}

TEST_CASE("servers that decisions invent are bounded, down or not") {
    auto const tenant = TenantId::from("ten_a");
    for (auto const failures : {0, 1, 5}) {
        CAPTURE(failures);
        Breakers breakers;
        for (std::size_t n = 0; n < Breakers::breakers_max + 10; ++n) {
            auto& breaker = breakers.of(tenant, "https://a.example.com/" + std::to_string(n));
            for (int failed = 0; failed < failures; ++failed) breaker.failed(Steady{1h});
        }
        CHECK(breakers.size() <= Breakers::breakers_max);
    }
}
