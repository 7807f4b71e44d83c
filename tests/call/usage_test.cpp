// What a call has used is written with its terminal event (api-semantics 11).
#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;

namespace {

/// The first commit that counts something; null without one.
store::Commit const* metered(CallStage const& stage) {
    auto const found = std::ranges::find_if(stage.platform.commits, [](store::Commit const& one) { return !one.metered.empty(); });
    return found == stage.platform.commits.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("an answered call is counted in its last transaction, in started seconds") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.server({R"({"actions":[{"action":"play","text":"a"}]})"});
    stage.invite();
    REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
    auto const later = system_clock().now() + 10ms;
    REQUIRE(stage.until([&] { return system_clock().now() > later; }));
    stage.bye();
    REQUIRE(stage.over());
    auto const with = metered(stage);
    REQUIRE(with);
    REQUIRE(with->metered.size() == 1);
    CHECK(with->metered[0].type == "inbound_call_minutes");
    CHECK(with->metered[0].quantity == 1);
    CHECK(with->call->status == model::CallStatus::completed);
    CHECK(std::ranges::any_of(with->events, [](model::Event const& event) { return event.type == "call.completed"; }));
}

TEST_CASE("a clock that is set while a call talks changes neither how long it was nor what it costs") {
    for (auto const set : {-3600s, 3600s}) {
        CAPTURE(set.count());
        CallStage stage;
        stage.platform.clip_length = 5s;
        stage.server({R"({"actions":[{"action":"play","text":"a"}]})"});
        stage.invite();
        REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
        stage.clock.ahead = set;
        auto const later = system_clock().now() + 10ms;
        REQUIRE(stage.until([&] { return system_clock().now() > later; }));
        stage.bye();
        REQUIRE(stage.over());
        REQUIRE(metered(stage));
        CHECK(metered(stage)->metered[0].quantity == 1);
        auto const told = stage.last();
        CHECK(told.at("durationSeconds").to_number<double>() >= 0.01);
        CHECK(told.at("durationSeconds").to_number<double>() < 5);
        CHECK(told.at("startedAt").as_string() <= told.at("answeredAt").as_string());
        CHECK(told.at("answeredAt").as_string() < told.at("endedAt").as_string());
        CHECK(stage.rows("call.completed").at(0).at("ms").as_int64() < 5000);
        CHECK(stage.rows("call.completed").at(0).at("ms").as_int64() >= 0);
    }
}

TEST_CASE("a call that nobody answered used nothing") {
    CallStage stage;
    stage.server({R"({"type":"hangup"})"});
    stage.invite();
    REQUIRE(stage.over());
    CHECK(std::ranges::all_of(stage.platform.commits, [](store::Commit const& one) { return one.metered.empty(); }));
}

TEST_CASE("what is spoken is counted when it is synthesised, answered or not") {
    CallStage stage;
    stage.server({R"({"answer":"early","actions":[{"action":"play","text":"new 1"},{"action":"play","text":"known"},{"action":"play","text":"new 22"}]})",
                  R"({"type":"hangup"})"});
    stage.invite();
    REQUIRE(stage.over());
    auto const with = metered(stage);
    REQUIRE(with);
    REQUIRE(with->metered.size() == 1);
    CHECK(with->metered[0].type == "tts_characters");
    CHECK(with->metered[0].quantity == 11);
    CHECK(with->call->status == model::CallStatus::failed);
}
