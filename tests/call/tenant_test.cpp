// What a tenant may do holds when its call comes in, and for its live calls when the operator changes it.
#include "base/signature.hpp"
#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;
using Sip = std::vector<std::string>;

TEST_CASE("tenant limits refuse a call that is still told and written") {
    CallStage stage;
    stage.server({"hold:5000"});
    stage.platform.inbound->tenant.limits = {{"concurrent_calls", 1}, {"calls_per_second", 100}};
    stage.invite(1);
    REQUIRE(stage.until_row("control.held"));
    stage.invite(2);
    REQUIRE(stage.until([&] { return stage.platform.sip.size() == 2; }));
    CHECK(stage.platform.sip == Sip{"180", "486 busy"});
    REQUIRE(stage.until_row("call.failed"));
    CHECK(stage.last().at("error") == "concurrency_limit");
    CHECK(stage.calls->live_of(TenantId::from("ten_1")) == 1);
    stage.cancel();
    REQUIRE(stage.over(2));
    CHECK(stage.calls->live_of(TenantId::from("ten_1")) == 0);
}

TEST_CASE("what the operator takes from a tenant is refused on its live calls at once, and what runs goes on") {
    CallStage stage;
    stage.platform.inbound->tenant.features["media_stream"] = true;
    stage.server({R"({"actions":[{"action":"stream_start","url":"wss://bot.customer-site.com/"},{"action":"gather","numDigits":1}]})", "hold:5000"});
    stage.invite();
    REQUIRE(stage.until_row("stream.started"));
    auto tenant = stage.platform.inbound->tenant;
    json::object const wish{{"url", "wss://bot.customer-site.com/"}};
    tenant.features["media_stream"] = false;
    stage.calls->tenant_changed(tenant);
    CHECK(stage.act("stream_start", wish).error().token == "feature_not_enabled");
    tenant.features["media_stream"] = true;
    tenant.limits["streams_per_call"] = 1;
    stage.calls->tenant_changed(tenant);
    CHECK(stage.act("stream_start", wish).error().token == "stream_limit_reached");
    auto other = tenant;
    other.id = TenantId::from("ten_2");
    other.limits["streams_per_call"] = 4;
    stage.calls->tenant_changed(other);
    CHECK(stage.act("stream_start", wish).error().token == "stream_limit_reached");
    CHECK(stage.rows("stream.stopped").empty());
    tenant.control_secret = seal(std::string(32, 'k'), std::string(32, 'n'), "ten_1");   // rotated
    stage.calls->tenant_changed(tenant);
    stage.platform.port_event(media::Digit{'5', media::Digit::Path::rtp_event, std::chrono::steady_clock::now()});
    REQUIRE(stage.until_row("control.held"));
    auto const& question = stage.platform.requests.at(1);
    auto const header = [&](std::string_view name) { return std::ranges::find(question.headers, name, [](auto const& one) { return one.first; })->second; };
    CHECK(header("X-Boni-Signature") == signature(std::string(32, 'n'), std::stoll(header("X-Boni-Timestamp")), question.body));
    stage.bye();
    REQUIRE(stage.over());
}
