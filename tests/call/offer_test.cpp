#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;
using Sip = std::vector<std::string>;

namespace {

/// Called with that offer; the decision is to play for 5 s.
struct PlayingStage : CallStage {
    explicit PlayingStage(std::optional<std::string> offer, std::function<void(sip::Incoming&)> change = {}) {
        platform.clip_length = 5s;
        server({R"({"actions":[{"action":"play","text":"a"}]})"});
        invite(1, std::move(offer), std::move(change));
    }
    bool playing() {
        return until([&] { return platform.playing.size() == 1; });
    }
};

}  // namespace

TEST_CASE("an offer nobody could answer is 488 and a call") {
    CallStage stage;
    stage.invite(1, "unusable");
    REQUIRE(stage.over());
    CHECK(stage.platform.sip == Sip{"488 incompatible: no common codec"});
    CHECK(stage.story() == "1 call.inbound.received, 2 call.failed");
    CHECK(stage.last().at("sipStatus") == 488);
}

TEST_CASE("the address a trunk wants to see of us is the media's as well") {
    PlayingStage stage{"usable", [](sip::Incoming& call) { call.public_address = "203.0.113.5"; }};
    REQUIRE(stage.playing());
    CHECK(stage.platform.media.front() == "open as 203.0.113.5");
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("without SDP in the INVITE our offer goes out with the answer") {
    PlayingStage stage{std::nullopt};
    REQUIRE(stage.playing());
    CHECK(stage.platform.media == Sip{"open", "play"});
    stage.signal(sip::signal::Answer{"usable"});
    CHECK(stage.platform.media == Sip{"open", "play", "start"});
    stage.signal(sip::signal::Offer{"usable"});   // a hold, or back from it
    stage.signal(sip::signal::Offer{"unusable"});
    CHECK(stage.platform.media.back() == "update");
    CHECK(stage.platform.sip == Sip{"180", "200", "200 to offer", "488 to offer: no common codec"});
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("an offer that is taken back leaves the media as they were") {
    PlayingStage stage{"usable"};
    REQUIRE(stage.playing());
    stage.platform.media.clear();
    stage.signal(sip::signal::Offer{"hold"});
    stage.signal(sip::signal::OfferTakenBack{});
    CHECK(stage.platform.media == Sip{"hold", "update"});
    stage.signal(sip::signal::Offer{"unusable"});
    stage.signal(sip::signal::OfferTakenBack{});
    CHECK(stage.platform.media == Sip{"hold", "update"});
    stage.bye();
    REQUIRE(stage.over());
}

TEST_CASE("without SDP in an INVITE that requires 100rel our offer goes out with the ringing, and its answer comes before ours") {
    PlayingStage stage{std::nullopt, [](sip::Incoming& call) { call.reliable = true; }};
    REQUIRE(stage.until([&] { return stage.platform.sip.size() == 2; }));
    CHECK(stage.platform.sip == Sip{"180 with an offer", "200"});
    stage.signal(sip::signal::Answer{"usable"});
    CHECK(std::ranges::find(stage.platform.media, "start") != stage.platform.media.end());
    stage.bye();
    REQUIRE(stage.over());
}
