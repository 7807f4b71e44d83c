// The call log, its pages and days, one call with its timeline, and actions (api-semantics 8 and 9).
#include "call/target.hpp"
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

namespace {

struct CallsStage : ApiStage {
    using ApiStage::ApiStage;
    model::Call add(Instant started_at, std::function<void(model::Call&)> change = {}) {
        auto call = test::call_row(tenant, started_at);
        call.number = number.id;
        if (change) change(call);
        ok(store->commit({.call = call}));
        return call;
    }
    Instant at(std::string_view india) const { return *ist_day_start(india); }
    /// Ids of all pages, following nextCursor.
    std::vector<std::string> walk(std::string list, std::size_t limit) {
        std::vector<std::string> ids;
        auto const first = list + (list.contains('?') ? "&" : "?") + "limit=" + std::to_string(limit);
        for (auto page = get(first);; page = get(first + "&cursor=" + page.text("nextCursor"))) {
            REQUIRE(page.status() == 200);
            CHECK(page.data().size() <= limit);
            for (auto const& row : page.data()) ids.emplace_back(row.at("id").as_string());
            if (!page.body.contains("nextCursor")) return ids;
            CHECK(page.data().size() == limit);
        }
    }
};

}  // namespace

TEST_CASE("calls are listed newest first in pages that new calls do not shift") {
    CallsStage stage;
    std::vector<std::string> ids;
    for (int call = 0; call < 7; ++call) ids.insert(ids.begin(), stage.add(stage.clock.now() + std::chrono::seconds{call / 2}).id.str());
    std::ranges::sort(ids, std::greater{});            // two of one instant: by id
    CHECK(stage.walk("/v1/calls", 3) == ids);
    CHECK(stage.walk("/v1/calls", 7) == ids);
    auto const first = stage.get("/v1/calls?limit=3");
    stage.add(stage.clock.now() + 1min);
    auto const second = stage.get("/v1/calls?limit=3&cursor=" + first.text("nextCursor"));
    CHECK(second.data().at(0).at("id").as_string() == ids[3]);
}

TEST_CASE("a page that is not the last links to the next with the same filters") {
    CallsStage stage{api::ApiConfig{.public_url = "https://voice.example.com"}};
    for (int call = 0; call < 3; ++call) stage.add(stage.clock.now());
    auto const page = stage.get("/v1/calls?channel=pstn&limit=2&to=2026-12-31");
    CHECK(page.header("Link") ==
          "<https://voice.example.com/v1/calls?cursor=" + page.text("nextCursor") + "&channel=pstn&to=2026-12-31&limit=2>; rel=\"next\"");
    CHECK(stage.get("/v1/calls?limit=3").header("Link") == "");
}

TEST_CASE("a cursor is good for its own list only, and for a day") {
    CallsStage stage;
    for (int call = 0; call < 3; ++call) stage.add(stage.clock.now());
    auto const cursor = stage.get("/v1/calls?limit=1&channel=pstn").text("nextCursor");
    auto forged = cursor;
    forged[4] = forged[4] == 'A' ? 'B' : 'A';
    for (auto const& target : {"/v1/calls?cursor=" + cursor, "/v1/calls?channel=whatsapp_calling&cursor=" + cursor,
                               "/v1/webhook-deliveries?cursor=" + cursor, "/v1/calls?channel=pstn&cursor=" + forged,
                               std::string{"/v1/calls?cursor="}, std::string{"/v1/calls?cursor=x"}}) {
        CAPTURE(target);
        CHECK(stage.get(target).status() == 400);
        CHECK(stage.get(target).field() == "cursor");
    }
    auto const good = "/v1/calls?channel=pstn&limit=2&cursor=" + cursor;   // another limit is the same list
    CHECK(stage.get(good).data().size() == 2);
    auto const mine = stage.key;
    stage.key = stage.add_key(stage.add_tenant("other", [](model::Tenant&) {}).id, {});
    CHECK(stage.get(good).status() == 400);
    stage.key = mine;
    stage.clock.advance(24h);
    CHECK(stage.get(good).status() == 400);
}

TEST_CASE("a cursor is good for its list however the letters of its path are escaped") {
    CallsStage stage;
    for (int call = 0; call < 3; ++call) stage.add(stage.clock.now());
    for (auto const& [first, second] : {std::pair<std::string, std::string>{"/v1/%63alls", "/v1/calls"}, {"/v1/calls", "/%761/call%73"}}) {
        auto const cursor = stage.get(first + "?limit=1").text("nextCursor");
        CHECK(stage.get(second + "?cursor=" + cursor).data().size() == 2);
    }
}

TEST_CASE("days are days in India, both included") {
    CallsStage stage;
    auto const before = stage.add(stage.at("2026-11-10") - 1ms).id.str();
    auto const first = stage.add(stage.at("2026-11-10")).id.str();
    auto const last = stage.add(stage.at("2026-11-12") - 1ms).id.str();
    auto const after = stage.add(stage.at("2026-11-12")).id.str();
    CHECK(stage.walk("/v1/calls?from=2026-11-10&to=2026-11-11", 10) == std::vector{last, first});
    CHECK(stage.walk("/v1/calls?from=2026-11-12", 10) == std::vector{after});
    CHECK(stage.walk("/v1/calls?to=2026-11-09", 10) == std::vector{before});
}

TEST_CASE("calls are found by number and channel") {
    CallsStage stage;
    auto const mine = stage.add(stage.clock.now()).id.str();
    auto const other = stage.add(stage.clock.now() - 1s, [](model::Call& call) { call.number = NumberId::from("num_2"); }).id.str();
    auto const whatsapp = stage.add(stage.clock.now() - 2s, [](model::Call& call) { call.channel = model::Channel::whatsapp_calling; }).id.str();
    CHECK(stage.walk("/v1/calls?number_id=num_2", 10) == std::vector{other});
    CHECK(stage.walk("/v1/calls?channel=whatsapp_calling", 10) == std::vector{whatsapp});
    CHECK(stage.walk("/v1/calls?number_id=" + stage.number.id.str() + "&channel=pstn", 10) == std::vector{mine});
    CHECK(stage.walk("/v1/calls?number_id=unknown&other=ignored", 10).empty());
    CHECK(stage.walk("/v1/calls?number_id=", 10).empty());
}

TEST_CASE("parameters that do not match the contract are 400, days that cannot be meant 422") {
    CallsStage stage{api::ApiConfig{.rate_limits = false}};
    struct Row { std::string query; std::string field; };
    for (auto const& [query, field] : {Row{"limit=0", "limit"}, Row{"limit=101", "limit"}, Row{"limit=1.5", "limit"}, Row{"limit=", "limit"},
                                       Row{"limit=1&limit=1", "limit"}, Row{"limit=-1", "limit"}, Row{"limit=%201", "limit"},
                                       Row{"limit=99999999999999999999", "limit"}, Row{"channel=sip", "channel"}, Row{"channel=", "channel"},
                                       Row{"from=2026-02-30", "from"}, Row{"from=20261110", "from"}, Row{"to=today", "to"}, Row{"to=", "to"},
                                       Row{"from=2026-11-10&from=2026-11-11", "from"}}) {
        CAPTURE(query);
        auto const refused = stage.get("/v1/calls?" + query);
        CHECK(refused.status() == 400);
        CHECK(refused.error() == "validation_failed");
        CHECK(refused.field() == field);
    }
    CHECK(stage.get("/v1/calls?from=2026-11-11&to=2026-11-10").error() == "invalid_value");
    CHECK(stage.get("/v1/calls?from=2025-11-10&to=2026-11-10").status() == 200);        // 366 days
    CHECK(stage.get("/v1/calls?from=2025-11-09&to=2026-11-10").error() == "limit_exceeded");
}

TEST_CASE("one call comes with its timeline, oldest first") {
    CallsStage stage;
    auto call = stage.add(stage.clock.now());
    auto const later = stage.clock.now() + 1500ms;
    stage.ok(stage.store->commit(test::step(call, model::CallStatus::ringing, "call.ringing", stage.clock.now())));
    stage.ok(stage.store->commit(test::step(call, model::CallStatus::no_answer, "call.no_answer", later)));
    auto const shown = stage.get("/v1/calls/" + call.id.str());
    REQUIRE(shown.status() == 200);
    CHECK(shown.text("status") == "no_answer");
    CHECK(shown.text("endedAt") == rfc3339(later));
    auto const& timeline = shown.body.at("timeline").as_array();
    REQUIRE(timeline.size() == 2);
    CHECK(timeline[0].at("event") == "call.ringing");
    CHECK(timeline[1].at("at").as_string() == rfc3339(later));
    CHECK(timeline[1].at("detail").is_object());
}

TEST_CASE("an action on a live call is 202 and happens; afterwards it is 409") {
    CallsStage stage;
    auto const call = stage.ring();
    auto const path = "/v1/calls/" + call.str() + "/actions/";
    auto const played = stage.post(path + "play", R"({"text":"One moment please."})");
    CHECK(played.status() == 202);
    CHECK(played.text("action") == "play");
    CHECK(played.text("callId") == call.str());
    CHECK(stage.post(path + "play", R"({"text":"And another."})").text("status") == "queued");
    auto const ended = stage.post(path + "hangup", R"({"reason":"busy"})");
    CHECK(ended.status() == 202);
    CHECK(ended.text("status") == "accepted");
    CHECK(stage.post(path + "hangup").error() == "call_not_active");
    REQUIRE(stage.until([&] { return stage.calls->live() == 0; }));
    CHECK(std::ranges::find(stage.platform.sip, "486 busy") != stage.platform.sip.end());
    CHECK(stage.post(path + "hangup").status() == 409);
    CHECK(stage.get("/v1/calls/" + call.str()).text("hangupCause") == "busy");
}

TEST_CASE("what an action does not take is refused before and after the call") {
    CallsStage stage;
    auto const over = "/v1/calls/" + stage.add(stage.clock.now(), [&](model::Call& call) {
        call.status = model::CallStatus::completed;
        call.ended_at = stage.clock.now();
    }).id.str() + "/actions/";
    auto const live = "/v1/calls/" + stage.ring().str() + "/actions/";
    for (auto const& path : {over, live}) {
        CHECK(stage.post(path + "hangup", R"({"reason":"tired"})").status() == 400);
        CHECK(stage.post(path + "play", "{}").status() == 400);
        CHECK(stage.post(path + "play", R"({"text":""})").status() == 422);
        CHECK(stage.post(path + "play", R"({"audioUrl":"http://10.1.2.3/a.wav"})").error() == "unsafe_url");
    }
    CHECK(stage.post(over + "play", R"({"text":"Hello."})").error() == "call_not_active");
    CHECK(stage.post("/v1/calls/call_1/actions/hangup", R"({"reason":"tired"})").status() == 400);
    CHECK(stage.post("/v1/calls/call_1/actions/play", R"({"text":""})").status() == 404);
}

TEST_CASE("an action that names an endpoint nobody has is 422, once the call and the feature are there") {
    CallsStage stage;
    auto const path = "/v1/calls/" + stage.add(stage.clock.now()).id.str() + "/actions/stream/start";
    auto const body = R"({"url":"wss://hooks.customer-site.com/","statusCallbackWebhookEndpointId":"wh_1"})";
    CHECK(stage.post(path, body).error() == "feature_not_enabled");
    stage.change_tenant([](model::Tenant& t) { t.features["media_stream"] = true; });
    auto const refused = stage.post(path, body);
    CHECK(refused.status() == 422);
    CHECK(refused.error() == "unknown_reference");
    CHECK(refused.field() == "statusCallbackWebhookEndpointId");
    CHECK(stage.post("/v1/calls/call_1/actions/stream/start", body).status() == 404);
    CHECK(stage.post(path, R"({"url":"wss://hooks.customer-site.com/"})").error() == "call_not_active");
}

TEST_CASE("an action on a call of another tenant is 404") {
    CallsStage stage;
    auto const call = stage.ring();
    auto const mine = std::exchange(stage.key, stage.add_key(stage.add_tenant("other", [](model::Tenant&) {}).id, {}));
    CHECK(stage.post("/v1/calls/" + call.str() + "/actions/hangup").status() == 404);
    CHECK(stage.get("/v1/calls/" + call.str()).status() == 404);
    stage.key = mine;
    CHECK(stage.get("/v1/calls/" + call.str()).text("status") == "ringing");
}

TEST_CASE("what is not offered yet is never a 202, nor is what the plan lacks: 403 names the feature, a stop has nothing to stop") {
    CallsStage stage;
    stage.change_tenant([](model::Tenant& t) { t.features["outbound"] = true; });
    auto const over = stage.add(stage.clock.now(), [&](model::Call& call) {
        call.status = model::CallStatus::completed;
        call.ended_at = stage.clock.now();
    }).id.str();
    auto const live = stage.ring().str();
    auto const transfer = R"({"target":{"type":"phone_number","phoneNumber":"+919876543210"}})";
    for (auto const& call : {over, live}) {
        auto const path = "/v1/calls/" + call + "/actions/";
        auto const recorded = stage.post(path + "recording/start");
        CHECK(recorded.status() == 403);
        CHECK(recorded.error() == "feature_not_enabled");
        CHECK(recorded.field() == "features.recording");
        CHECK(stage.post(path + "transfer", transfer).field() == "features.outbound");
        CHECK(stage.post(path + "transfer", "{}").status() == 400);
        CHECK(stage.post(path + "recording/stop").error() == (call == live ? "recording_not_running" : "call_not_active"));
    }
    CHECK(stage.post("/v1/calls/call_1/actions/recording/start").status() == 404);
    auto const shown = stage.get("/v1/me").body.at("features").as_object();
    CHECK(shown.at("outbound") == false);
    for (auto const* const target : call::all_targets())
        if (!target->run) CHECK_MESSAGE(shown.at(target->feature) == false, std::string{target->type});
    CHECK(stage.get("/v1/calls/" + live).text("status") == "ringing");
}
