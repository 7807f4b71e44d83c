#include <doctest/doctest.h>

#include "http/response.hpp"
#include "http/router.hpp"

using namespace boni;
using namespace boni::http;

namespace {

Router<int> calls_router() {
    Router<int> router;
    router.add("GET", "/v1/calls", 1);
    router.add("GET", "/v1/calls/{call_id}", 2);
    router.add("POST", "/v1/calls/{call_id}/actions/play", 3);
    router.add("GET", "/v1/calls/search", 4);
    router.add("PUT", "/v1/numbers/{id}/route", 5);
    router.add("GET", "/v1/numbers/{number_id}/route", 6);
    router.add("GET", "/v1/calls/search/{word}/hits", 7);
    router.add("GET", "/", 8);
    return router;
}

Request asked(std::string method, std::string path) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    return request;
}

/// The value, or 0 for an error.
int found(Request request) {
    auto const router = calls_router();
    auto const value = router.find(request);
    return value ? **value : 0;
}

}  // namespace

TEST_CASE("a path leads to its value, a literal segment goes before a parameter") {
    CHECK(found(asked("GET", "/v1/calls")) == 1);
    CHECK(found(asked("GET", "/v1/calls/call_1")) == 2);
    CHECK(found(asked("POST", "/v1/calls/call_1/actions/play")) == 3);
    CHECK(found(asked("GET", "/v1/calls/search")) == 4);
    CHECK(found(asked("GET", "/v1/%63alls")) == 1);
    CHECK(found(asked("GET", "/")) == 8);
}

TEST_CASE("a literal segment that leads nowhere gives way to a parameter") {
    CHECK(found(asked("POST", "/v1/calls/search/actions/play")) == 3);
    CHECK(found(asked("GET", "/v1/calls/search/x/hits")) == 7);
}

TEST_CASE("parameters are decoded and named as their method names them") {
    auto const router = calls_router();
    auto get = asked("GET", "/v1/numbers/a%2Fb/route");
    REQUIRE(router.find(get));
    CHECK(get.params == std::map<std::string, std::string, std::less<>>{{"number_id", "a/b"}});
    auto put = asked("PUT", "/v1/numbers/+91/route");
    REQUIRE(router.find(put));
    CHECK(put.params == std::map<std::string, std::string, std::less<>>{{"id", "+91"}});
}

TEST_CASE("HEAD finds GET") { CHECK(found(asked("HEAD", "/v1/calls")) == 1); }

TEST_CASE("unknown paths are 404") {
    for (auto const* path : {"/v1", "/v1/calls/", "/v1//calls", "/v1/calls//actions/play", "/v1/calls/a/b", "//", "*", ""}) {
        CAPTURE(path);
        auto request = asked("GET", path);
        auto const value = calls_router().find(request);
        REQUIRE(!value);
        CHECK(not_routed(value.error(), request).status == 404);
    }
}

TEST_CASE("another method is 405 with the methods there are") {
    auto request = asked("DELETE", "/v1/numbers/1/route");
    auto const value = calls_router().find(request);
    REQUIRE(!value);
    auto const response = not_routed(value.error(), request);
    CHECK(response.status == 405);
    CHECK(response.headers.get("Allow") == "PUT, GET, HEAD");
    CHECK(response.body.contains("\"error\":\"method_not_allowed\""));
    CHECK(!response.body.contains("details"));
}
