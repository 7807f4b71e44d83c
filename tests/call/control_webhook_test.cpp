// What a control webhook is asked, and what becomes of a question without a decision.
#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;
using test::hang_up;

namespace {

std::string header(egress::HttpRequest const& request, std::string_view name) {
    for (auto const& [key, value] : request.headers)
        if (key == name) return value;
    return {};
}

}  // namespace

TEST_CASE("a question carries the call, is signed, and its retry is the same bytes signed anew") {
    CallStage stage;
    stage.server({"503", hang_up});
    stage.invite();
    REQUIRE(stage.over());
    REQUIRE(stage.platform.requests.size() == 2);
    auto const& first = stage.platform.requests[0];
    auto const& second = stage.platform.requests[1];
    CHECK(first.body == second.body);
    CHECK(header(first, "X-Boni-Attempt") == "1");
    CHECK(header(second, "X-Boni-Attempt") == "2");
    CHECK(header(first, "X-Boni-Event-Id") == header(second, "X-Boni-Event-Id"));
    for (auto const& request : stage.platform.requests)
        CHECK(header(request, "X-Boni-Signature") ==
              "v1=" + hex(hmac_sha256(std::string(32, 's'), header(request, "X-Boni-Timestamp") + "." + request.body)));
    auto const data = stage.question(0);
    CHECK(data.at("kind") == "control.request");
    CHECK(data.at("phase") == "inbound");
    CHECK(data.at("last").is_null());
    CHECK(data.at("deadlineMs") == 3000);
    CHECK(data.at("call").at("from") == "+919876543210");
    CHECK(data.at("sip").at("headers").at("X-Campaign") == "diwali");
}

TEST_CASE("a route whose webhook endpoint is gone is signed for like one without") {
    CallStage stage;
    stage.platform.inbound->route->events = json::object{{"webhookEndpointId", "wh_gone"}};
    stage.server({hang_up});
    stage.invite();
    REQUIRE(stage.over());
    REQUIRE(stage.platform.requests.size() == 1);
    auto const& request = stage.platform.requests[0];
    CHECK(header(request, "X-Boni-Signature") ==
          "v1=" + hex(hmac_sha256(std::string(32, 's'), header(request, "X-Boni-Timestamp") + "." + request.body)));
}

TEST_CASE("the customer is told who diverted the call, but not whom privacy hides") {
    CallStage stage;
    stage.server({hang_up});
    stage.invite(1, "usable", [](sip::Incoming& call) {
        call.diversions = {{.party = {.value = "anonymous", .restricted = true}, .raw = "<sip:9876543210@carrier>;privacy=full"},
                           {.party = {.value = "+918040000009", .e164 = true}, .raw = "<sip:08040000009@carrier>;reason=no-answer"}};
    });
    REQUIRE(stage.over());
    CHECK(stage.question(0).at("sip").at("diversion") == json::value{"anonymous", "<sip:08040000009@carrier>;reason=no-answer"});
    CHECK(stage.events().at(0).at("data").at("redirectedFrom") == "anonymous");
}

TEST_CASE("a server that is down costs two attempts, then the breaker none") {
    CallStage stage;
    stage.server({"reset"});
    stage.platform.inbound->tenant.limits["calls_per_second"] = 100;
    for (std::uint64_t call = 1; call <= 6; ++call) {
        stage.invite(call);
        REQUIRE(stage.over(call));
        CHECK(stage.platform.sip.back() == "480 route_failed");
        CHECK(stage.last().at("error") == "control_webhook_failed");
    }
    CHECK(stage.platform.requests.size() == 10);
    CHECK(stage.rows("control.failed").back().at("reason") == "breaker_open");
    CHECK(stage.rows("control.breaker").size() == 1);
    CHECK(stage.platform.health == std::vector{model::RouteHealth::failing});
    stage.calls->route_saved(*stage.platform.inbound->route);
    stage.server({hang_up});
    stage.invite(7);
    REQUIRE(stage.over(7));
    CHECK(stage.platform.requests.size() == 11);
    CHECK(stage.platform.health.back() == model::RouteHealth::healthy);
}

TEST_CASE("a server that `next` names is not the primary: its failures leave the route's health alone") {
    CallStage stage;
    stage.platform.inbound->tenant.limits["calls_per_second"] = 100;
    auto const moved = egress::HttpResponse{.status = 200, .headers = {{"content-type", "application/json"}},
                                            .body = R"({"actions":[{"action":"play","text":"a"}],"next":{"url":"https://two.customer-site.com/x"}})"};
    stage.platform.answer = [&](egress::HttpRequest const& request) -> Result<egress::HttpResponse> {
        if (request.url.starts_with("https://two.")) return egress::HttpResponse{.status = 404};
        return moved;
    };
    for (std::uint64_t call = 1; call <= 6; ++call) {
        stage.invite(call);
        REQUIRE(stage.over(call));
    }
    CHECK(stage.rows("control.breaker").size() == 1);   // of the other server
    CHECK(stage.platform.health == std::vector{model::RouteHealth::healthy});
}

TEST_CASE("fallbacks are tried in order, 204 among them, and say why") {
    CallStage stage;
    stage.platform.inbound->route->fallback = {CallStage::webhook("https://ivr.customer-site.com/b"), CallStage::hang_up()};
    stage.server({"500", "500", "204"});
    stage.invite();
    REQUIRE(stage.over());
    auto const rows = stage.rows("route.fallback");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].at("reason") == "http_500");
    CHECK(rows[1].at("reason") == "declined");
    CHECK(stage.last().at("targetType") == "hangup");
    CHECK(stage.last().at("targetIndex") == 2);
    CHECK(stage.question(2).at("targetIndex") == 1);
    CHECK(stage.platform.health.empty());   // one failure of the primary is not `failing` yet
}

TEST_CASE("answers that are no decision fail without a retry") {
    for (auto const& [answer, reason] : {std::pair{"{", "invalid_json"}, {R"({"type":"team","teamId":"t"})", "invalid_decision"}, {"404", "http_404"},
                                         {"301", "redirect_blocked"}}) {
        CallStage stage;
        stage.server({answer});
        stage.invite();
        REQUIRE(stage.over());
        CHECK(stage.platform.requests.size() == 1);
        CHECK(stage.rows("control.failed").at(0).at("reason") == reason);
    }
}

TEST_CASE("a decision may begin with a byte order mark") {
    CallStage stage;
    stage.server({std::string{"\xEF\xBB\xBF"} + hang_up});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.rows("control.failed").empty());
}

TEST_CASE("no byte within the budget is a timeout, without a retry") {
    CallStage stage;
    stage.platform.inbound->route->primary.fields["timeoutMs"] = 250;
    stage.platform.answer_after = 5s;
    stage.server({hang_up});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.platform.requests.size() == 1);
    CHECK(stage.last().at("error") == "control_webhook_timeout");
    CHECK(stage.last().at("hangupCause") == "control_webhook_timeout");
    CHECK(stage.rows("control.failed")[0].at("totalMs").to_number<int>() >= 250);
}

TEST_CASE("a Retry-After that leaves no time for an answer is not waited for") {
    CallStage stage;
    stage.platform.inbound->route->primary.fields["timeoutMs"] = 1400;
    stage.platform.answer = [asked = 0](egress::HttpRequest const&) mutable -> Result<egress::HttpResponse> {
        if (asked++ == 0) return egress::HttpResponse{.status = 503, .headers = {{"retry-after", "1"}}, .body = {}, .timings = {}};
        return egress::HttpResponse{.status = 200, .headers = {{"content-type", "application/json"}}, .body = hang_up, .timings = {}};
    };
    stage.invite();
    REQUIRE(stage.over());
    CHECK(stage.platform.requests.size() == 2);
    CHECK(stage.rows("control.decided").at(0).at("totalMs").to_number<int>() < 900);
}

TEST_CASE("a question has at most 32 KiB, whatever the caller's network sends") {
    CallStage stage;
    stage.server({hang_up});
    stage.invite(1, "usable", [](sip::Incoming& call) {
        call.call_id = std::string(30'000, 'c');
        call.diversions.assign(10, {.raw = std::string(1024, '\1')});
        call.x_headers.assign(1, {"X-First", "kept"});
        for (auto n = 0; n < 15; ++n) call.x_headers.emplace_back("X-" + std::to_string(n) + std::string(900, 'n'), std::string(512, '\1'));
        call.x_headers.emplace_back("X-Last", "one too many");
    });
    REQUIRE(stage.over());
    CHECK(stage.platform.requests[0].body.size() <= 32 * 1024);
    CHECK(stage.question(0).at("sip").at("diversion").as_array().size() == 3);
    CHECK(stage.question(0).at("sip").at("headers").at("X-First") == "kept");
}

TEST_CASE("a caller who gives up aborts the question, and nothing is counted") {
    CallStage stage;
    stage.platform.answer_after = 4s;
    stage.server({hang_up});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.requests.size() == 1; }));
    stage.cancel();
    auto const before = std::chrono::steady_clock::now();
    REQUIRE(stage.over());
    CHECK(std::chrono::steady_clock::now() - before < 2s);
    CHECK(stage.last().at("hangupCause") == "caller_cancelled");
    CHECK(stage.story() == "1 call.inbound.received, 2 call.ringing, 3 call.no_answer");
    CHECK(stage.rows("control.requested").size() == 1);
    CHECK(stage.rows("control.failed").empty());
    CHECK(stage.platform.health.empty());
}
