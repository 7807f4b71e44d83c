#include <doctest/doctest.h>

#include "api/sample_event.hpp"
#include "support/fake_clock.hpp"

using namespace boni;

TEST_CASE("every event type has a sample with the fields of its kind, marked as a test") {
    auto const now = test::FakeClock{}.now();
    for (auto const type : model::event_types) {
        CAPTURE(type);
        auto const event = api::sample_event(TenantId::from("ten_1"), type, now);
        auto const body = json::parse(event.body);
        REQUIRE(body);
        CHECK(body->at("event_type").as_string() == type);
        CHECK(body->at("event_id").as_string() == event.id.str());
        auto const& data = body->at("data").as_object();
        CHECK(data.at("test") == true);
        CHECK(data.at("occurredAt").as_string() == rfc3339(now));
        if (type == "call.answered") CHECK(data.at("answeredAt") == data.at("occurredAt"));
        CHECK(event.body.find("null") == std::string::npos);
        CHECK(event.body.size() < 16 * 1024);
        auto const of_call = type.starts_with("call.") || type.starts_with("stream.") || type.starts_with("recording.") ||
                             type.starts_with("transcript.") || type.starts_with("ai.");
        for (auto const* const field : {"callId", "sequence", "direction", "channel", "from", "to"}) CHECK(data.contains(field) == of_call);
    }
}

TEST_CASE("the three terminal samples are final, and only they") {
    for (auto const type : model::event_types) {
        auto const event = api::sample_event(TenantId::from("ten_1"), type, test::FakeClock{}.now());
        auto const terminal = type == "call.no_answer" || type == "call.completed" || type == "call.failed";
        auto const body = json::parse(event.body);
        REQUIRE(body);
        CHECK(body->at("data").as_object().contains("final") == terminal);
        if (terminal) CHECK(body->at("data").at("status").as_string() == type.substr(5));
    }
}
