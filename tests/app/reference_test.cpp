// The API's reference: what is served, to whom gzipped, and what a browser may do with it.
#include <fstream>
#include <sstream>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "app/reference.hpp"
#include "base/json.hpp"

using namespace boni;

namespace {

http::Response ask(app::Reference& reference, std::string path, http::Headers headers = {}, std::string method = "GET") {
    http::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.headers = std::move(headers);
    auto answer = reference.answer(request);
    REQUIRE(answer);
    return *std::move(answer);
}

http::Response ask(std::string path, http::Headers headers = {}, std::string method = "GET") {
    app::Reference reference{""};
    return ask(reference, std::move(path), std::move(headers), std::move(method));
}

std::string at(http::Response const& response, std::string_view name) { return std::string{response.headers.get(name).value_or("")}; }

std::string source(char const* path) {
    std::ifstream file{path, std::ios::binary};
    REQUIRE(file);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("the document is served as it is written, and as JSON") {
    auto const yaml = ask("/openapi.yaml");
    CHECK(yaml.status == 200);
    CHECK(at(yaml, "Content-Type") == "application/yaml");
    CHECK(yaml.body == source("openapi.yaml"));
    auto const json = ask("/openapi.json");
    CHECK(at(json, "Content-Type") == "application/json");
    auto const document = json::parse(json.body);
    REQUIRE(document);
    CHECK(document->at("openapi").as_string() == "3.1.0");
    CHECK(document->at("webhooks").as_object().contains("control.request"));
}

TEST_CASE("the document names the server that customers reach, in each of its forms") {
    app::Reference reference{"https://calls.example.com"};
    auto const json = ask(reference, "/openapi.json");
    auto document = json::parse(json.body);
    REQUIRE(document);
    CHECK(document->at("servers").at(0).at("url").as_string() == "https://calls.example.com/v1");
    auto const yaml = ask(reference, "/openapi.yaml");
    CHECK(yaml.body.contains("  - url: https://calls.example.com/v1\n"));
    CHECK_FALSE(yaml.body.contains(app::documented_server()));
    auto const gzip = ask(reference, "/openapi.yaml", {{"Accept-Encoding", "gzip"}});
    CHECK(gzip.body.starts_with("\x1f\x8b"));
    CHECK(at(yaml, "ETag") != at(ask("/openapi.yaml"), "ETag"));   // whoever has the other one gets this
    CHECK(ask(reference, "/docs").body == ask("/docs").body);
}

TEST_CASE("the page loads its script from here under a name that is kept for ever, and nothing from elsewhere") {
    auto const page = ask("/docs");
    CHECK(at(page, "Content-Type") == "text/html; charset=utf-8");
    CHECK(at(page, "Cache-Control") == "no-cache");
    CHECK(at(page, "X-Content-Type-Options") == "nosniff");
    auto const policy = at(page, "Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'; script-src 'self';"));
    CHECK(policy.contains("frame-ancestors 'none'"));
    CHECK(ask("/docs/").body == page.body);
    constexpr std::string_view before = "<script src=\"";
    auto const begin = page.body.find(before) + before.size();
    auto const name = page.body.substr(begin, page.body.find('"', begin) - begin);
    CAPTURE(name);
    auto const script = ask(name);
    CHECK(at(script, "Content-Type") == "text/javascript; charset=utf-8");
    CHECK(at(script, "Cache-Control").contains("immutable"));
    CHECK(script.body.contains("Redoc"));
    CHECK_FALSE(script.body.contains("cdn.redoc"));
    CHECK(ask("/docs/licences.txt").body.contains("MIT"));
}

TEST_CASE("gzip for those who take it, each form with its own tag, and nothing for those who have it") {
    struct Row { char const* accepts; bool gzip; };
    for (auto const& [accepts, gzip] : {Row{"gzip", true}, {"br, GZIP;q=0.5", true}, {"gzip, deflate", true}, {"gzip;q=0", false},
                                        {"gzip; q=0.0, identity", false}, {"identity", false}, {"", false}, {"xgzip", false}}) {
        CAPTURE(accepts);
        auto const answer = ask("/openapi.yaml", {{"Accept-Encoding", accepts}});
        CHECK((at(answer, "Content-Encoding") == "gzip") == gzip);
        CHECK(answer.body.starts_with("\x1f\x8b") == gzip);
        CHECK(at(answer, "Vary") == "Accept-Encoding");
        auto const tag = at(answer, "ETag");
        auto const again = ask("/openapi.yaml", {{"Accept-Encoding", accepts}, {"If-None-Match", "\"other\", " + tag}});
        CHECK(again.status == 304);
        CHECK(again.body.empty());
        CHECK(at(again, "ETag") == tag);
        CHECK(ask("/openapi.yaml", {{"Accept-Encoding", gzip ? "" : "gzip"}, {"If-None-Match", tag}}).status == 200);
    }
}

TEST_CASE("GET and HEAD only, and nothing beside the files") {
    CHECK(ask("/docs", {}, "HEAD").status == 200);
    auto const post = ask("/openapi.json", {}, "POST");
    CHECK(post.status == 405);
    CHECK(at(post, "Allow") == "GET, HEAD");
    http::Request request;
    request.method = "GET";
    for (auto const* const path : {"/docs/other.js", "/docs/../openapi.yaml", "/Docs", "/v1/openapi.yaml"}) {
        request.path = path;
        CHECK_FALSE(app::Reference{""}.answer(request));
    }
}
