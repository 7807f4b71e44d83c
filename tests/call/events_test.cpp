#include <doctest/doctest.h>

#include "call/events.hpp"
#include "model/call_event.hpp"

using namespace boni;
using namespace boni::call;

namespace {

model::Call ended_call() {
    model::Call call{.id = CallId::from("call_1"), .number = NumberId::from("num_1"), .from = "+919876543210", .to = "+918040000001"};
    call.status = model::CallStatus::completed;
    call.started_at = from_unix_ms(1'795'414'211'098);
    call.answered_at = from_unix_ms(1'795'414'212'000);
    call.ended_at = from_unix_ms(1'795'414'214'500);
    call.hangup_cause = "normal";
    call.hangup_by = "caller";
    call.event_sequence = 4;
    return call;
}

}  // namespace

TEST_CASE("call fields carry metadata only when there is some") {
    auto call = ended_call();
    CHECK_FALSE(model::event_fields(call).contains("metadata"));
    call.metadata["campaign"] = "diwali";
    auto const fields = model::event_fields(call);
    CHECK(fields.at("metadata").as_object().at("campaign") == "diwali");
    CHECK(fields.at("sequence") == 4);
    CHECK(fields.at("channel") == "pstn");
}

TEST_CASE("a terminal event says how the call ended") {
    auto const data = events::ended(ended_call(), {.cause = sip::Cause::normal, .q850 = 16}, "control_webhook", 0);
    CHECK(data.at("final") == true);
    CHECK(data.at("status") == "completed");
    CHECK(data.at("durationSeconds").as_double() == doctest::Approx(2.5));
    CHECK(data.at("answeredAt") == "2026-11-23T06:10:12.000Z");
    CHECK(data.at("targetIndex").to_number<int>() == 0);
    CHECK_FALSE(data.contains("error"));
    CHECK_FALSE(data.contains("sipStatus"));
}

TEST_CASE("a failed call always has an error") {
    auto call = ended_call();
    call.status = model::CallStatus::failed;
    CHECK(events::ended(call, {}, "", 0).at("error") == "internal");
    CHECK(events::ended(call, {.error = "no_route"}, "", 0).at("error") == "no_route");
}

TEST_CASE("free text is cut between characters") {
    CHECK(events::cut("abcdef", 3) == "abc");
    CHECK(events::cut("नमस्ते", 4) == "न");
    CHECK(events::cut("short") == "short");
}
