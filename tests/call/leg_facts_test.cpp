// The record of a leg: what it says of the other end, and what it never says.
#include "call/leg_facts.hpp"
#include "support/call_stage.hpp"

using namespace boni;
using test::CallStage;

namespace {

sip::Incoming invite() {
    sip::Incoming incoming{.trunk = "airtel", .lsa = "KA", .leg_class = "VOIP_IN", .call_id = "a84b4c76", .local_tag = "ours", .remote_tag = "theirs",
                           .transport = sip::Transport::tcp, .source = *Address::parse("192.0.2.7", 5060), .local = *Address::parse("192.0.2.1", 5060)};
    incoming.calling = {.value = "+919876543210", .e164 = true, .raw = "09876543210", .display_name = "A"};
    incoming.called = {.value = "+918040000001", .e164 = true, .raw = "8040000001"};
    incoming.asserted_identity = "<sip:+919876543210@carrier>";
    incoming.remote_party = "<sip:09876543210@carrier>;party=calling";
    incoming.diversions = {{.party = {.value = "+918040000009", .e164 = true}, .reason = "no-answer", .count = 2,
                            .raw = "<sip:+918040000009@a>;counter=2"},
                           {.party = {.value = "+918040000008", .e164 = true}}};
    return incoming;
}

}  // namespace

TEST_CASE("a leg's facts are its parties, its addresses, its codec and its figures") {
    auto const incoming = invite();
    call::LegFacts facts{.incoming = incoming, .channel = model::Channel::pstn, .called = "+918040000001", .media = {}, .early_at = {},
                         .quality = {}, .digits = 4};
    facts.media = {.local = *Address::parse("192.0.2.1", 16384), .remote = *Address::parse("192.0.2.8", 4000), .codec = "PCMA"};
    facts.quality = media::Quality{.packets_received = 3021, .packets_sent = 3020, .lost = 4, .jitter_ms = 2.5, .mos = 4.1, .mos_min = 3.9};
    auto const out = to_json(facts);
    CHECK(out.at("legClass") == "VOIP_IN");
    CHECK(out.at("lsa") == "KA");
    CHECK(out.at("sipLocalTag") == "ours");
    CHECK(out.at("sipRemoteTag") == "theirs");
    CHECK(out.at("transport") == "tcp");
    CHECK(out.at("signallingLocal") == "192.0.2.1:5060");
    CHECK(out.at("trunk") == "airtel");
    CHECK(out.at("fromRaw") == "09876543210");
    CHECK(out.at("fromE164") == "+919876543210");
    CHECK(out.at("toRaw") == "8040000001");
    CHECK(out.at("remotePartyId") == "<sip:09876543210@carrier>;party=calling");
    CHECK(out.at("redirectedFrom") == "+918040000009");
    CHECK(out.at("redirectedFromRaw") == "<sip:+918040000009@a>;counter=2");
    CHECK(out.at("redirectedReason") == "no-answer");
    CHECK(out.at("diversions") == 3);
    CHECK(out.at("signallingPeer") == "192.0.2.7:5060");
    CHECK(out.at("dtmfCount") == 4);
    CHECK(out.at("media") == json::value{{"codec", "PCMA"}, {"local", "192.0.2.1:16384"}, {"remote", "192.0.2.8:4000"}, {"srtp", "none"}});
    CHECK(out.at("rtp").at("lost") == 4);
    CHECK(out.at("rtp").at("mosMin") == 3.9);
}

TEST_CASE("a leg that never had media says nothing of it, and what the other end wrote is bounded and UTF-8") {
    auto incoming = invite();
    incoming.calling = {.value = "anonymous", .restricted = true, .raw = std::string(1000, 'x') + "\xff"};
    incoming.asserted_identity = "\xff";
    auto const out = to_json(call::LegFacts{.incoming = incoming, .channel = model::Channel::whatsapp_calling, .called = {}, .media = {},
                                            .early_at = {}, .quality = {}, .digits = {}, .sip_status = 486});
    CHECK(out.at("legClass") == "WHATSAPP");
    CHECK(out.at("sipStatus") == 486);
    CHECK(out.at("fromRestricted") == true);
    CHECK(out.at("fromRaw").as_string().size() == 256);
    CHECK(out.at("assertedIdentity") == "\xEF\xBF\xBD");
    for (auto const* const absent : {"media", "rtp", "fromE164", "toE164", "earlyAt", "dtmfCount"}) CHECK_FALSE(out.contains(absent));
}

TEST_CASE("what is known of the leg is written when the call comes, is answered and ends; pressed digits are counted, not kept") {
    CallStage stage;
    stage.platform.clip_length = 5s;
    stage.server({R"({"actions":[{"action":"play","text":"a"}]})"});
    stage.invite(1, "usable", [](sip::Incoming& call) { call.trunk = "airtel"; });
    REQUIRE(stage.until([&] { return stage.platform.playing.size() == 1; }));
    for (char const key : {'7', '3'}) stage.signal(sip::signal::Digit{key, {}});
    asio::post(stage.platform.io, [&] { stage.bye(); });   // behind the digits
    REQUIRE(stage.over());
    std::vector<std::pair<std::string, json::object>> told;
    for (auto const& commit : stage.platform.commits)
        if (!commit.leg.empty()) told.emplace_back(commit.events.at(0).type, commit.leg);
    REQUIRE(told.size() == 3);
    CHECK(told[0].first == "call.inbound.received");
    CHECK(told[0].second.at("trunk") == "airtel");
    CHECK_FALSE(told[0].second.contains("media"));
    CHECK_FALSE(told[0].second.contains("sipStatus"));
    CHECK(told[1].first == "call.answered");
    CHECK(told[1].second.at("media").is_object());
    CHECK(told[1].second.at("sipStatus") == 200);
    CHECK_FALSE(told[1].second.contains("dtmfCount"));
    CHECK(told[2].first == "call.completed");
    CHECK(told[2].second.at("rtp").is_object());
    CHECK(told[2].second.at("dtmfCount") == 2);
    CHECK(told[2].second.at("sipStatus") == 200);
}
