// How far a request came, and what is told of one that is over before its answer.
#include <doctest/doctest.h>

#include "support/egress_stage.hpp"

using namespace boni;
using egress::HttpRequest;
using egress::Use;
using Stage = test::ClientStage;

TEST_CASE("where a request went is told when it failed there, kept connection or new, before TLS or after") {
    Stage stage;
    egress::HttpTimings reached;
    stage.dialer.dead = {"93.184.215.14"};
    CHECK_FALSE(stage.send({.timings = &reached}));
    CHECK(reached.remote == Address{});
    stage.dialer.dead = {};
    REQUIRE(stage.send());
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", true}};
    CHECK(stage.send({.timings = &reached}).error().token == "connect");
    CHECK(reached.remote == *Address::parse("93.184.215.14", 80));
    reached = {};
    CHECK(stage.send({.url = "https://hook.example.com/", .connect_timeout = 200ms, .timings = &reached}).error().token == "timeout");   // no TLS there
    CHECK(reached.remote == *Address::parse("93.184.215.14", 443));
}

TEST_CASE("of a request that fails the times of what it got through are told") {
    auto const told = [](Stage& stage, HttpRequest request, Use use = Use::http) {
        egress::HttpTimings times{.dns = 99s, .connect = 99s, .tls = 99s, .first_byte = 99s, .status = 99, .reused = true};
        request.timings = &times;
        request.use = use;
        if (request.url.empty()) request.url = "http://hook.example.com/";
        auto const answer = test::run(stage.io, stage.client.send(std::move(request)));
        auto out = (answer ? "ok" : answer.error().token) + ':';
        for (auto const& [name, time] : {std::pair{" dns", times.dns}, {" connect", times.connect}, {" tls", times.tls}, {" byte", times.first_byte}})
            if (time) out += name;
        CHECK(times.dns.value_or(0ms) < 5s);
        return out + ' ' + std::to_string(times.status) + (times.reused ? " reused" : "");
    };
    Stage stage;
    stage.resolver.answers["gone.example.com"] = {{"93.184.215.15"}};
    stage.dialer.dead = {"93.184.215.15"};
    CHECK(told(stage, {.url = "http://missing.example.com/"}) == "dns: 0");
    CHECK(told(stage, {.url = "http://gone.example.com/"}) == "connect: dns 0");
    CHECK(told(stage, {.url = "https://hook.example.com/", .connect_timeout = 300ms}) == "timeout: dns connect 0");   // the server speaks no TLS
    CHECK(told(stage, {}) == "ok: dns connect tls byte 200");
    CHECK(told(stage, {}) == "ok: dns connect tls byte 200 reused");
    stage.client.close_idle();
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}};
    CHECK(told(stage, {.total_timeout = 200ms}) == "timeout: dns connect tls byte 200");
    stage.server.replies = {{""}};
    CHECK(told(stage, {.total_timeout = 200ms}) == "timeout: dns connect tls 0");
    CHECK(told(stage, {.url = "http://10.0.0.1/"}) == "egress_blocked: 0");
    CHECK(told(stage, {.headers = {{"Host", "x"}}}) == "invalid_request: 0");
}

TEST_CASE("of an answer that comes too late its status is told, and of none to a request that was given up") {
    for (auto const given_up : {false, true}) {
        Stage stage;
        std::vector<int> late;
        stage.server.replies = {{"HTTP/1.1 100 Continue\r\n\r\n" + std::string{Stage::ok}, false, 0ms, 400ms}};
        HttpRequest request{.use = Use::http, .url = "http://hook.example.com/", .total_timeout = given_up ? 5s : 200ms};
        request.late = [&](int status) { late.push_back(status); };
        auto const answer = test::run(stage.io, within(given_up ? 200ms : 5s, stage.client.send(std::move(request))));
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == Errc::timeout);
        CHECK(late.empty());
        REQUIRE(test::run_until(stage.io, [&] { return given_up ? stage.server.ended == 1 : !late.empty(); }));
        CHECK(late == (given_up ? std::vector<int>{} : std::vector{200}));
    }
}
