#include "support/live_calls.hpp"

using namespace boni;
using test::Caller;
using test::HttpSink;
using test::LiveCalls;

namespace {

HttpSink::Reply decide(std::string body, std::chrono::milliseconds after = 0ms) {
    return {.headers = {{"Content-Type", "application/json"}}, .body = std::move(body), .after = after};
}

}  // namespace

TEST_CASE("a caller hears a prompt, presses keys, and the server is told") {
    LiveCalls live{[n = 0]() mutable {
        return n++ == 0 ? decide(R"({"actions":[{"action":"gather","numDigits":2,"timeoutSeconds":5,"prompt":{"text":"Press two keys."}}]})")
                      : decide(R"({"actions":[{"action":"hangup"}]})");
    }};
    Caller caller{live.io, live.media};
    caller.dial(live.sip.udp(), "+918040000001");
    REQUIRE(live.until([&] { return caller.heard; }));
    caller.port->send_digits("42");
    REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
    REQUIRE(live.server.posts.size() == 2);
    auto const question = json::parse(live.server.posts[1].body);
    REQUIRE(question);
    CHECK(question->at("data").at("last").at("digits") == "42");
    auto const& first = live.server.posts[0];
    CHECK(first.headers.at("x-boni-signature") ==
          "v1=" + hex(hmac_sha256(live.secret, first.headers.at("x-boni-timestamp") + "." + first.body)));
    auto const call = live.stored();
    CHECK(call.status == model::CallStatus::completed);
    CHECK(call.hangup_by == "control_webhook");
    CHECK(call.event_sequence == 5);   // received, ringing, answered, action accepted, completed
    auto const rows = live.await(live.store->timeline(call.id));
    REQUIRE(rows);
    CHECK(std::ranges::any_of(*rows, [](model::TimelineRow const& row) { return row.event == "media.quality"; }));
}

TEST_CASE("questions are signed by the route's endpoint, and by the tenant's control secret once that is deleted") {
    LiveCalls live{[] { return decide(R"({"type":"hangup"})"); }};
    auto const now = system_clock().now();
    auto const key = std::string(32, 'e');
    auto const endpoint = live.add_endpoint(key);
    live.route([&](model::Route& route) { route.events = json::object{{"webhookEndpointId", endpoint.id.str()}}; });
    auto const signed_by = [&](std::string const& secret) {
        Caller caller{live.io, live.media};
        caller.dial(live.sip.udp(), "+918040000001");
        REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
        auto const& asked = live.server.posts.back();
        return asked.headers.at("x-boni-signature") == "v1=" + hex(hmac_sha256(secret, asked.headers.at("x-boni-timestamp") + "." + asked.body));
    };
    CHECK(signed_by(key));
    REQUIRE(live.await(live.store->delete_endpoint(live.tenant, endpoint.id, now, {})));
    CHECK(signed_by(live.secret));
    CHECK(live.server.posts.size() == 2);
}

TEST_CASE("180 comes before the server has answered") {
    LiveCalls live{[] { return decide(R"({"type":"hangup"})", 300ms); }};
    Caller caller{live.io, live.media};
    caller.dial(live.sip.udp(), "+918040000001");
    REQUIRE(live.until([&] { return caller.rang_at.has_value(); }));
    CHECK_FALSE(caller.ended);
    MESSAGE("INVITE to 180 on loopback: ", std::chrono::duration<double, std::milli>(*caller.rang_at - caller.dialled_at).count(), " ms");
    REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
    CHECK(caller.ended->sip_status == 603);
}

TEST_CASE("a rejection with a busy tone never answers") {
    LiveCalls live{[] { return decide(R"({"answer":"never","actions":[{"action":"hangup","reason":"busy"}]})"); }};
    Caller caller{live.io, live.media};
    caller.dial(live.sip.udp(), "+918040000001");
    REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
    CHECK(caller.ended->sip_status == 486);
    CHECK_FALSE(caller.answered);
    CHECK(live.stored().hangup_cause == "busy");
}

TEST_CASE("why a decision is invalid is one line of the timeline") {
    LiveCalls live{[] { return decide(R"({"actions":[{"action":"play","audioUrl":"https://10.0.0.1/"}]})"); }};
    Caller caller{live.io, live.media};
    caller.dial(live.sip.udp(), "+918040000001");
    REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
    auto const rows = live.await(live.store->timeline(live.stored().id));
    REQUIRE(rows);
    auto const row = std::ranges::find(*rows, "control.invalid", &model::TimelineRow::event);
    REQUIRE(row != rows->end());
    CHECK(row->detail.at("field") == "actions[0].audioUrl");
    CHECK(row->detail.at("message") == "URL must be a public https destination: no private, reserved or internal host, no credentials, no fragment.");
}

TEST_CASE("a hang-up by API is a BYE, and a caller's hang-up during a prompt is a completed call") {
    for (auto const by : {"api", "caller"}) {
        LiveCalls live{[] { return decide(R"({"actions":[{"action":"play","text":"One moment please.","loop":10}]})"); }};
        Caller caller{live.io, live.media};
        caller.dial(live.sip.udp(), "+918040000001");
        REQUIRE(live.until([&] { return caller.heard; }));
        auto const id = live.seen.front().call;
        if (std::string_view{by} == "caller") caller.hang_up();
        else REQUIRE(live.await(live.calls->perform(live.tenant, id, "hangup", {}, "api", {})));
        REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
        auto const call = live.stored();
        CHECK(call.status == model::CallStatus::completed);
        CHECK(call.hangup_by == by);
        CHECK(call.hangup_cause == "normal");
    }
}

TEST_CASE("a server that does not answer in time costs its budget and no more") {
    LiveCalls live{[] { return decide(R"({"type":"hangup"})", 5s); }};
    Caller caller{live.io, live.media};
    caller.dial(live.sip.udp(), "+918040000001");
    REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
    CHECK(caller.ended->sip_status == 480);
    auto const call = live.stored();
    CHECK(call.hangup_cause == "control_webhook_timeout");
    auto const took = unix_ms(*call.ended_at) - unix_ms(call.started_at);
    CHECK(took >= 1000);
    CHECK(took <= 1100);
}

TEST_CASE("a caller who gives up while the server thinks is no_answer, and the request is aborted") {
    LiveCalls live{[] { return decide(R"({"type":"hangup"})", 900ms); }};
    Caller caller{live.io, live.media};
    caller.dial(live.sip.udp(), "+918040000001");
    REQUIRE(live.until([&] { return live.server.posts.size() == 1; }));
    caller.hang_up();
    REQUIRE(live.until([&] { return live.saw("call.no_answer") && live.calls->live() == 0; }));
    CHECK(live.stored().hangup_cause == "caller_cancelled");
    CHECK_FALSE(live.saw("control.failed"));
}

TEST_CASE("an unknown number is 404 and leaves no call") {
    LiveCalls live{[] { return decide(R"({"type":"hangup"})"); }};
    Caller caller{live.io, live.media};
    caller.dial(live.sip.udp(), "+918040009999");
    REQUIRE(live.until([&] { return caller.ended.has_value(); }));
    CHECK(caller.ended->sip_status == 404);
    CHECK(live.await(live.store->calls({.tenant = live.tenant}))->empty());
}

TEST_CASE("what a question that got no answer got through is in the timeline, and why it ended") {
    struct Row { HttpSink::Reply reply; std::string reason; bool first_byte; int status; };
    for (auto const& [reply, reason, first_byte, status] :
         {Row{{.never = true}, "timeout", false, 0}, {{.headers = {{"Content-Type", "text/event-stream"}}, .body = "data: 1"}, "bad_content_type", true, 200}}) {
        LiveCalls live{[&] { return reply; }};
        Caller caller{live.io, live.media};
        caller.dial(live.sip.udp(), "+918040000001");
        REQUIRE(live.until([&] { return caller.ended && live.calls->live() == 0; }));
        auto const rows = live.await(live.store->timeline(live.stored().id));
        REQUIRE(rows);
        auto const asked = std::ranges::find(*rows, "control.requested", &model::TimelineRow::event);
        auto const failed = std::ranges::find(*rows, "control.failed", &model::TimelineRow::event);
        REQUIRE(asked != rows->end());
        REQUIRE(failed != rows->end());
        for (auto const* const phase : {"dnsMs", "connectMs", "tlsMs", "reused"}) CHECK(asked->detail.contains(phase));
        CHECK(asked->detail.contains("ttfbMs") == first_byte);
        CHECK(json::text(failed->detail, "reason") == reason);
        CHECK(json::integer(failed->detail, "status").value_or(0) == status);
    }
}
