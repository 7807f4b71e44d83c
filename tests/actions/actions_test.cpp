#include <doctest/doctest.h>

#include "call/action.hpp"
#include "egress/http_client.hpp"

using namespace boni;

namespace {

/// "ok", or the public token and field of the refusal.
std::string verdict(std::string_view action, std::string_view body) {
    model::Tenant tenant;
    egress::Policy const policy;
    auto const parsed = json::parse(body);
    REQUIRE(parsed);
    auto const* const kind = call::find_action(action);
    REQUIRE(kind);
    auto const checked = kind->check(parsed->as_object(), {tenant, policy});
    return checked ? "ok" : checked.error().token + ' ' + checked.error().field;
}

}  // namespace

TEST_CASE("actions are found by the names of the contract") {
    CHECK(call::find_action("play"));
    CHECK(call::find_action("hangup"));
    CHECK_FALSE(call::find_action("fly"));
}

TEST_CASE("hangup takes the contract's reasons only") {
    CHECK(verdict("hangup", "{}") == "ok");
    for (auto const* const reason : {"normal", "rejected", "busy", "no_answer"})
        CHECK(verdict("hangup", R"({"reason":")" + std::string{reason} + R"("})") == "ok");
    CHECK(verdict("hangup", R"({"reason":"bored"})") == "validation_failed reason");
    CHECK(verdict("hangup", R"({"reason":null})") == "validation_failed reason");
}

TEST_CASE("play is refused with 400 for its shape and 422 for its meaning") {
    CHECK(verdict("play", R"({"text":"Namaste"})") == "ok");
    CHECK(verdict("play", R"({"text":"Namaste","voice":"hi-IN","loop":10})") == "ok");
    CHECK(verdict("play", "{}") == "validation_failed audioUrl");
    CHECK(verdict("play", R"({"text":7})") == "validation_failed text");
    CHECK(verdict("play", R"({"text":"a","loop":0})") == "validation_failed loop");
    CHECK(verdict("play", R"({"text":"a","loop":1.5})") == "validation_failed loop");
    CHECK(verdict("play", R"({"text":"a","loop":11})") == "limit_exceeded loop");
    CHECK(verdict("play", R"({"text":""})") == "invalid_value text");
    CHECK(verdict("play", R"({"text":")" + std::string(3001, 'a') + R"("})") == "limit_exceeded text");
    CHECK(verdict("play", R"({"text":"a","voice":"klingon"})") == "invalid_value voice");
    CHECK(verdict("play", R"({"text":"a","voice":""})") == "invalid_value voice");
    CHECK(verdict("play", R"({"audioUrl":"https://169.254.169.254/x.wav"})") == "unsafe_url audioUrl");
    CHECK(verdict("play", R"({"audioUrl":"https://media.customer-site.com/x.wav","text":""})") == "ok");
}

TEST_CASE("a stream to stop is named by an id or not at all") {
    CHECK(verdict("stream_stop", "{}") == "ok");
    CHECK(verdict("stream_stop", R"({"streamId":"strm_01KAR7P3M4N5Q6R7S8T9V0W1Y0"})") == "ok");
    CHECK(verdict("stream_stop", R"({"streamId":1})") == "validation_failed streamId");
    CHECK(verdict("stream_stop", R"({"streamId":")" + std::string(257, 'x') + R"("})") == "limit_exceeded streamId");
}

TEST_CASE("recordings and transfers are checked, then refused with the feature that is missing") {
    CHECK(verdict("recording_start", R"({"channels":"stereo"})") == "validation_failed channels");
    CHECK(verdict("recording_start", R"({"callbackWebhookEndpointId":1})") == "validation_failed callbackWebhookEndpointId");
    CHECK(verdict("recording_start", R"({"channels":"dual"})") == "feature_not_enabled features.recording");
    CHECK(verdict("recording_stop", "{}") == "ok");
    CHECK(verdict("transfer", "{}") == "validation_failed target");
    CHECK(verdict("transfer", R"({"target":{"type":"fax"}})") == "validation_failed target.type");
    CHECK(verdict("transfer", R"({"target":{"type":"hangup"},"mode":"gentle"})") == "validation_failed mode");
    CHECK(verdict("transfer", R"({"target":{"type":"phone_number"},"fallback":{"type":"fax"}})") == "validation_failed fallback.type");
    CHECK(verdict("transfer", R"({"target":{"type":"phone_number","phoneNumber":"+919876543210"}})") == "feature_not_enabled features.outbound");
    CHECK(verdict("transfer", R"({"target":{"type":"hangup"},"mode":"warm"})") == "feature_not_enabled features.warm_transfer");
    CHECK(verdict("transfer", R"({"target":{"type":"control_webhook"}})") == "invalid_target target.url");
    CHECK(verdict("transfer", R"({"target":{"type":"hangup"},"mode":"redirect"})") == "invalid_target target.type");
    CHECK(verdict("transfer", R"({"target":{"type":"hangup"}})") == "feature_not_enabled features.outbound");
}
