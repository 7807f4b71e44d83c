#include <doctest/doctest.h>

#include "base/task.hpp"
#include "http/problem.hpp"

using namespace boni;
using namespace boni::http;

namespace {

Request request_of(std::string id) {
    Request request;
    request.id = std::move(id);
    return request;
}

json::object body_of(Response const& response) { return json::parse(response.body)->as_object(); }

Task<Response> routed(Request& request) {
    CO_TRY_HTTP(auto const document, request.json());
    co_return ok(document);
}

}  // namespace

TEST_CASE("a problem names the error, the request and the field") {
    auto const response = problem({Errc::invalid, "the url is refused\nit is private", "url", "unsafe_url", "egress_blocked"}, request_of("req_1"));
    CHECK(response.status == 422);
    CHECK(response.headers.get("content-type") == "application/json");
    CHECK(response.body == R"({"success":false,"error":"unsafe_url","message":"the url is refused","requestId":"req_1",)"
                           R"("details":[{"field":"url","code":"egress_blocked","message":"it is private"}]})");
}

TEST_CASE("every code has its status and token") {
    struct Row {
        Errc code;
        int status;
        std::string_view token;
    };
    for (auto const& row : {Row{Errc::malformed, 400, "validation_failed"}, Row{Errc::invalid, 422, "invalid_value"},
                            Row{Errc::unauthorized, 401, "unauthorized"}, Row{Errc::forbidden, 403, "forbidden"},
                            Row{Errc::not_found, 404, "not_found"}, Row{Errc::conflict, 409, "conflict"}, Row{Errc::limit, 429, "rate_limited"},
                            Row{Errc::timeout, 503, "unavailable"}, Row{Errc::unavailable, 503, "unavailable"},
                            Row{Errc::internal, 500, "internal_error"}}) {
        CHECK(status_of({row.code, ""}) == row.status);
        CHECK(token_of({row.code, ""}) == row.token);
    }
}

TEST_CASE("some tokens have a status of their own") {
    struct Row {
        char const* token;
        int status;
    };
    for (auto const& row : {Row{"payload_too_large", 413}, Row{"headers_too_large", 431}, Row{"request_timeout", 408}, Row{"limit_exceeded", 422},
                            Row{"unsupported_media_type", 415}, Row{"play_queue_full", 409}, Row{"overloaded", 429}, Row{"invalid_json", 400}})
        CHECK(status_of({Errc::limit, "", {}, row.token}) == row.status);
    CHECK(status_of({Errc::conflict, "", {}, "call_not_active"}) == 409);
}

TEST_CASE("an internal error tells nothing but its request") {
    auto const response = problem({Errc::internal, "password=hunter2", "field"}, request_of("req_2"));
    CHECK(response.status == 500);
    CHECK(!response.body.contains("hunter2"));
    CHECK(body_of(response).at("requestId") == "req_2");
    CHECK(!body_of(response).contains("details"));
}

TEST_CASE("what may be tried again says when") {
    CHECK(problem({Errc::limit, "slow down"}, {}).headers.get("Retry-After") == "1");
    CHECK(problem({Errc::unavailable, "draining"}, {}).headers.get("Retry-After") == "1");
    CHECK(!problem({Errc::conflict, "no"}, {}).headers.has("Retry-After"));
}

TEST_CASE("several details are listed in their order") {
    auto const body = body_of(problem({Errc::malformed, "two fields"}, {}, {{"a", "required", "a is required"}, {"b", "type", "b is a string"}}));
    REQUIRE(body.at("details").as_array().size() == 2);
    CHECK(body.at("details").as_array()[1].as_object().at("field") == "b");
}

TEST_CASE("an error in a handler becomes its answer") {
    asio::io_context io;
    auto request = request_of("req_3");
    request.body = "{";
    request.headers.add("Content-Type", "application/json");
    Response response;
    asio::co_spawn(io, routed(request), [&](std::exception_ptr, Response made) { response = std::move(made); });
    io.run();
    CHECK(response.status == 400);
    CHECK(body_of(response).at("error") == "invalid_json");
}
