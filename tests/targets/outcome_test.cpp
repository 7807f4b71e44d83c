#include <doctest/doctest.h>

#include "targets/control_webhook/outcome.hpp"

using namespace boni;
using namespace boni::targets::control_webhook;

TEST_CASE("each answer of a control server means one thing") {
    using Kind = Outcome::Kind;
    struct Row { int status; char const* type; char const* body; Kind kind; char const* reason; bool retry; };
    Row const rows[] = {
        {200, "application/json", "{}", Kind::decision, "", false},
        {200, "Application/JSON ; charset=utf-8", "{}", Kind::decision, "", false},
        {200, "text/plain", "{}", Kind::failure, "bad_content_type", false},
        {200, "", "{}", Kind::failure, "bad_content_type", false},
        {201, "application/json", "{}", Kind::failure, "http_201", false},
        {202, "", "", Kind::hold, "", false},
        {202, "application/json", "[1]", Kind::failure, "invalid_decision", false},
        {202, "application/json", "{", Kind::failure, "invalid_json", false},
        {204, "", "", Kind::not_mine, "", false},
        {301, "", "", Kind::failure, "redirect_blocked", false},
        {400, "", "", Kind::failure, "http_400", false},
        {408, "", "", Kind::failure, "http_408", true},
        {410, "", "", Kind::failure, "http_410", false},
        {425, "", "", Kind::failure, "http_425", true},
        {429, "", "", Kind::failure, "http_429", true},
        {499, "", "", Kind::failure, "http_499", false},
        {500, "", "", Kind::failure, "http_500", true},
        {503, "", "", Kind::failure, "http_503", true},
    };
    for (auto const& row : rows) {
        CAPTURE(row.status);
        CAPTURE(row.body);
        auto const outcome = outcome_of(row.status, row.type, row.body);
        CHECK(outcome.kind == row.kind);
        CHECK(outcome.reason == row.reason);
        CHECK(outcome.retry == row.retry);
        CHECK(outcome.gone == (row.status == 410));
    }
}

TEST_CASE("a hold waits 15 s unless it says otherwise, and at most 30 s") {
    CHECK(outcome_of(202, "", " \n").wait == 15s);
    CHECK(outcome_of(202, "", R"({"waitMs":2000})").wait == 2s);
    CHECK(outcome_of(202, "", R"({"waitMs":90000})").wait == 30s);
    CHECK(outcome_of(202, "", R"({})").wait == 15s);
    CHECK(outcome_of(202, "", R"({"waitMs":-1})").kind == Outcome::Kind::failure);
}

TEST_CASE("errors of the connection are retried, refusals of the egress policy are not") {
    auto const reason = [](char const* token, Errc code = Errc::unavailable) { return outcome_of(Error{code, "", "", token}); };
    CHECK(reason("egress_blocked").reason == "egress_blocked");
    CHECK_FALSE(reason("egress_blocked").retry);
    CHECK_FALSE(reason("too_large").retry);
    CHECK(reason("dns").retry);
    CHECK(reason("tls").reason == "tls");
    CHECK(reason("reset").reason == "connect");
    CHECK(reason("", Errc::timeout).reason == "timeout");
}

TEST_CASE("Retry-After is read in seconds only") {
    CHECK(retry_after("2") == 2s);
    CHECK(retry_after("") == std::nullopt);
    CHECK(retry_after("Wed, 21 Oct 2026 07:28:00 GMT") == std::nullopt);
}
