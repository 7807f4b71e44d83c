// What was kept of a call (api-semantics 7 and 8).
#include "support/api_stage.hpp"

using namespace boni;
using test::ApiStage;

TEST_CASE("a call without recordings and transcripts has empty lists, one with them shows them newest first") {
    ApiStage stage;
    stage.change_tenant([](model::Tenant& t) { t.features["transcription"] = true; });
    auto const call = test::call_row(stage.tenant, stage.clock.now());
    stage.ok(stage.store->commit({.call = call}));
    auto const path = "/v1/calls/" + call.id.str();
    CHECK(stage.get(path + "/recordings").data().empty());
    CHECK(stage.get(path + "/transcripts").data().empty());
    auto const now = stage.clock.now();
    auto recording = test::recording_row(call, "a.wav", now);
    recording.milliseconds = 2500;
    stage.ok(stage.store->commit({.recording = recording}));
    auto later = recording;
    later.id = RecordingId::fresh(now + 1s);
    later.created_at = now + 1s;
    stage.ok(stage.store->commit({.recording = later}));
    auto const recordings = stage.get(path + "/recordings");
    REQUIRE(recordings.data().size() == 2);
    CHECK(recordings.data()[0].at("id").as_string() == later.id.str());
    auto shown = recordings.data()[1].as_object();
    auto const relative = "/recordings/" + stage.tenant.id.str() + '/' + recording.id.str() + "?expires=";   // no Host, no public URL
    CHECK(shown.at("accessUrl").as_string().starts_with(relative));
    CHECK(shown.at("expiresAt").as_string() == rfc3339(std::chrono::floor<std::chrono::seconds>(stage.clock.now()) + 300s));
    shown.erase("accessUrl");
    shown.erase("expiresAt");
    CHECK(shown == json::object{{"id", recording.id.str()}, {"durationSeconds", 2.5}});
    CHECK(stage.get(path + "/recordings?limit=1").body.contains("nextCursor"));
    model::Transcript transcript{.id = TranscriptId::fresh(now), .tenant = stage.tenant.id, .call = call.id,
                                 .status = model::TranscriptStatus::completed};
    transcript.text = "[00:00] Caller: Hello.";
    stage.ok(stage.store->save_transcript(transcript));
    CHECK(stage.get(path + "/transcripts").data().at(0).at("text").as_string() == transcript.text);
}

TEST_CASE("without a public URL an address is on the host that was asked") {
    ApiStage stage;
    auto const call = test::call_row(stage.tenant, stage.clock.now());
    stage.ok(stage.store->commit({.call = call}));
    stage.ok(stage.store->commit({.recording = test::recording_row(call, "none.wav", stage.clock.now())}));
    for (std::string const host : {"voice.example.com", "127.0.0.1:8080", "[::1]:8080", "boni_voice:8080"}) {
        CAPTURE(host);
        auto const recordings = stage.ask("GET", "/v1/calls/" + call.id.str() + "/recordings", {}, {{"Host", host}});
        CHECK(recordings.data()[0].at("accessUrl").as_string().starts_with("http://" + host + "/recordings/"));
    }
}

TEST_CASE("an address is below the public URL, new each time, good for five minutes and then gone") {
    ApiStage stage{{.public_url = "https://voice.example.com"}};
    auto const call = test::call_row(stage.tenant, stage.clock.now());
    stage.ok(stage.store->commit({.call = call}));
    stage.ok(stage.store->commit({.recording = test::recording_row(call, "none.wav", stage.clock.now())}));
    auto const address = [&] { return std::string{stage.get("/v1/calls/" + call.id.str() + "/recordings").data()[0].at("accessUrl").as_string()}; };
    std::string const base = "https://voice.example.com";
    auto const first = address();
    REQUIRE(first.starts_with(base + "/recordings/"));
    auto const status = [&](std::string const& url) {
        http::Request request{.method = "GET", .remote = stage.from, .id = RequestId::fresh(stage.clock.now()).str()};
        REQUIRE(http::read_target(request, url.substr(base.size())));
        return stage.run(stage.api->recording(request)).status;
    };
    CHECK(status(first) == 404);                         // it is let in, and there is no such file
    stage.clock.advance(298s);
    CHECK(status(first) == 404);
    stage.clock.advance(3s);
    CHECK(status(first) == 410);
    CHECK(status(first + "0") == 403);                   // forged goes before over
    CHECK(address() != first);
    CHECK(status(address()) == 404);
}

TEST_CASE("transcripts need their feature, both the scope, and a call of another tenant has neither") {
    ApiStage stage;
    auto const call = test::call_row(stage.tenant, stage.clock.now());
    stage.ok(stage.store->commit({.call = call}));
    auto const path = "/v1/calls/" + call.id.str();
    CHECK(stage.get(path + "/recordings").status() == 200);
    CHECK(stage.get(path + "/transcripts").field() == "features.transcription");
    CHECK(stage.get("/v1/calls/call_1/transcripts").status() == 404);   // before the feature
    stage.key = stage.add_key(stage.tenant.id, [](model::ApiKey& key) { key.scopes = {model::Scope::read}; });
    CHECK(stage.get(path + "/recordings").error() == "scope_missing");
    stage.key = stage.add_key(stage.add_tenant("other", [](model::Tenant&) {}).id, {});
    CHECK(stage.get(path + "/recordings").status() == 404);
}
