#include "media/sdp.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace boni;
using namespace boni::media;

namespace {

Address const local = *Address::parse("192.0.2.10", 20'000);

std::string offer(std::string_view audio, std::string_view before = "") {
    return "v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n" + std::string{before} + std::string{audio};
}
constexpr std::string_view usual = "m=audio 4000 RTP/AVP 0 8 18 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

}  // namespace

TEST_CASE("an answer keeps their order, their payload types and leaves out what we do not speak") {
    SdpState state;
    auto const agreed = answer_offer(offer(usual), local, {}, state);
    REQUIRE(agreed);
    CHECK(agreed->sdp.find("m=audio 20000 RTP/AVP 0 8 101\r\n") != std::string::npos);
    CHECK(agreed->sdp.find("a=rtpmap:8 PCMA/8000\r\n") != std::string::npos);
    CHECK(agreed->sdp.find("G729") == std::string::npos);
    CHECK(agreed->config.remote == *Address::parse("198.51.100.1", 4000));
    CHECK(agreed->config.remote_rtcp.port == 4001);
    CHECK(agreed->config.payloads.front().codec == "PCMU");
    CHECK(agreed->config.direction == Direction::send_receive);
}

TEST_CASE("digit events of another clock than the audio's are not taken (RFC 4733 2.1)") {
    std::string const wide = "a=rtpmap:111 opus/48000/2\r\na=rtpmap:110 telephone-event/48000\r\n", narrow = "a=rtpmap:101 telephone-event/8000\r\n";
    auto const codecs = [](PortConfig const& config) {
        std::string out;
        for (auto const& map : config.payloads) out += fmt::format("{}{}/{}/{}", out.empty() ? "" : " ", map.type, map.codec, map.clock_hz);
        return out;
    };
    SdpState alone, beside, ours;
    auto const none = answer_offer(offer("m=audio 4000 RTP/AVP 111 8 110\r\n" + wide), local, {}, alone);
    REQUIRE(none);
    CHECK(codecs(none->config) == "8/PCMA/8000");
    CHECK_FALSE(none->sdp.contains("telephone-event"));
    auto const both = answer_offer(offer("m=audio 4000 RTP/AVP 111 110 8 101\r\n" + wide + narrow), local, {}, beside);
    REQUIRE(both);
    CHECK(codecs(both->config) == "8/PCMA/8000 101/telephone-event/8000");
    make_offer(local, {}, ours);
    auto const answered = accept_answer(offer("m=audio 4000 RTP/AVP 8 110\r\n" + wide), ours);
    REQUIRE(answered);
    CHECK(codecs(*answered) == "8/PCMA/8000");
}

TEST_CASE("hold, in both its spellings, is mirrored") {
    struct { std::string_view line; Direction ours; } const rows[] = {{"a=sendonly\r\n", Direction::receive_only},
                                                                      {"a=recvonly\r\n", Direction::send_only},
        {"a=inactive\r\n", Direction::inactive}, {"c=IN IP4 0.0.0.0\r\n", Direction::receive_only}};
    for (auto const& row : rows) {
        CAPTURE(row.line);
        SdpState state;
        auto const agreed = answer_offer(offer(std::string{usual} + std::string{row.line}), local, {}, state);
        REQUIRE(agreed);
        CHECK(agreed->config.direction == row.ours);
    }
    SdpState state;
    CHECK(answer_offer(offer(std::string{usual} + "c=IN IP4 0.0.0.0\r\n"), local, {}, state)->config.remote.port == 0);
}

TEST_CASE("the version grows exactly when the text changes") {
    SdpState state;
    auto const first = answer_offer(offer(usual), local, {}, state)->sdp;
    CHECK(answer_offer(offer(usual), local, {}, state)->sdp == first);
    CHECK(state.version == 1);
    CHECK(answer_offer(offer(std::string{usual} + "a=sendonly\r\n"), local, {}, state)->sdp != first);
    CHECK(state.version == 2);
}

TEST_CASE("every m= line gets one answer, all but the audio refused") {
    SdpState state;
    auto const agreed = answer_offer(offer(usual, "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"), local, {}, state);
    REQUIRE(agreed);
    auto const video = agreed->sdp.find("m=video 0 RTP/AVP 96\r\n");
    CHECK(video != std::string::npos);
    CHECK(agreed->sdp.find("m=audio 20000") > video);
}

TEST_CASE("a later offer of ours has every m= line the session has, in its place, and no comfort noise") {
    SdpState state;
    auto const with_noise = std::string{"m=audio 4000 RTP/AVP 0 13\r\n"};
    REQUIRE(answer_offer(offer(with_noise + "m=application 6000 UDP/BFCP *\r\n", "m=video 5000 RTP/AVP 96\r\n"), local, {}, state));
    auto const ours = make_offer(local, {}, state);
    auto const video = ours.find("m=video 0 RTP/AVP 96\r\n"), audio = ours.find("m=audio 20000 RTP/AVP 0 8 101\r\n");
    auto const floor = ours.find("m=application 0 UDP/BFCP *\r\n");
    REQUIRE(floor != std::string::npos);
    CHECK(video < audio);
    CHECK(audio < floor);
    auto const config = accept_answer(offer("m=audio 4002 RTP/AVP 0\r\nm=application 0 UDP/BFCP *\r\n", "m=video 0 RTP/AVP 96\r\n"), state);
    REQUIRE(config);
    CHECK(config->remote.port == 4002);
}

TEST_CASE("an offer they ask for within a session has all we speak, as for a new call, and what was agreed first") {
    SdpState narrow, renumbered;
    REQUIRE(answer_offer(offer("m=audio 4000 RTP/AVP 0\r\n"), local, {}, narrow));
    CHECK(make_offer(local, {}, narrow).find("m=audio 20000 RTP/AVP 0 8 101\r\n") != std::string::npos);
    auto const config = accept_answer(offer("m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"), narrow);
    REQUIRE(config);
    CHECK(config->payloads.front().codec == "PCMA");
    auto const numbers = "m=audio 4000 RTP/AVP 101 97\r\na=rtpmap:101 PCMU/8000\r\na=rtpmap:97 telephone-event/8000\r\n";
    REQUIRE(answer_offer(offer(numbers), local, {}, renumbered));
    CHECK(make_offer(local, {}, renumbered).find("m=audio 20000 RTP/AVP 101 8 97\r\n") != std::string::npos);
    SdpState taken;
    REQUIRE(answer_offer(offer("m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 PCMU/8000\r\n"), local, {}, taken));
    auto const ours = make_offer(local, {}, taken);
    CHECK(ours.find("m=audio 20000 RTP/AVP 101 8 96\r\n") != std::string::npos);
    CHECK(ours.find("a=rtpmap:96 telephone-event/8000\r\n") != std::string::npos);
}

TEST_CASE("blanks behind a value, and more than one between two, mean nothing") {
    SdpState state;
    auto const blanks = "m=audio  4000 RTP/AVP 8 101 \r\na=rtpmap:101  telephone-event/8000 \r\na=ptime:30 \r\na=sendonly \r\n";
    auto const agreed = answer_offer(offer(blanks, "c=IN IP4  198.51.100.2 \r\n"), local, {}, state);
    REQUIRE(agreed);
    CHECK(agreed->config.direction == Direction::receive_only);
    CHECK(agreed->config.ptime == std::chrono::milliseconds{30});
    CHECK(agreed->config.remote == *Address::parse("198.51.100.2", 4000));
    CHECK(agreed->config.payloads.back().codec == "telephone-event");
}

TEST_CASE("a fax instead of the audio is refused, and the audio goes on") {
    SdpState state;
    REQUIRE(answer_offer(offer(usual), local, {}, state));
    auto const fax = answer_offer(offer("m=audio 0 RTP/AVP 0\r\nm=image 4002 udptl t38\r\n"), local, {}, state);
    REQUIRE_FALSE(fax);
    CHECK(fax.error().token == "not_acceptable");
    CHECK(state.direction == Direction::send_receive);
    CHECK(answer_offer(offer("m=audio 0 RTP/AVP 0\r\nm=image 0 udptl t38\r\n"), local, {}, state));
}

TEST_CASE("audio at port 0 pauses a session that has audio, and the next offer goes on") {
    SdpState state;
    REQUIRE(answer_offer(offer(usual), local, {}, state));
    auto const paused = answer_offer(offer("m=audio 0 RTP/AVP 0 8\r\n"), local, {}, state);
    REQUIRE(paused);
    CHECK(paused->sdp.ends_with("m=audio 0 RTP/AVP 0\r\n"));
    CHECK(paused->config.direction == Direction::inactive);
    CHECK(paused->config.remote.port == 0);
    CHECK(paused->config.payloads.front().codec == "PCMU");
    auto const again = answer_offer(offer(usual), local, {}, state);
    REQUIRE(again);
    CHECK(again->config.direction == Direction::send_receive);
    CHECK(again->config.remote.port == 4000);
    CHECK(make_offer(local, {}, state).find("m=audio 20000 RTP/AVP 0 8 101\r\n") != std::string::npos);
}

TEST_CASE("an answer takes no more than was offered: who has us on hold and does not say so at a refresh still has") {
    SdpState state;
    REQUIRE(answer_offer(offer(std::string{usual} + "a=sendonly\r\n"), local, {}, state));
    auto const refreshed = accept_answer(offer(usual), state);
    REQUIRE(refreshed);
    CHECK(refreshed->direction == Direction::receive_only);
    make_offer(local, {}, state);
    CHECK(accept_answer(offer(usual), state)->direction == Direction::send_receive);
}

TEST_CASE("a pause outlives the refresh of its session, and is no answer to a first offer") {
    SdpState state, first;
    REQUIRE(answer_offer(offer(usual), local, {}, state));
    auto const at_zero = offer("m=audio 0 RTP/AVP 0 8\r\n");
    REQUIRE(answer_offer(at_zero, local, {}, state));
    auto const refreshed = accept_answer(at_zero, state);
    REQUIRE(refreshed);
    CHECK(refreshed->direction == Direction::inactive);
    CHECK(refreshed->remote.port == 0);
    make_offer(local, {}, first);
    CHECK_FALSE(accept_answer(at_zero, first));
}

TEST_CASE("more than four m= lines are nobody's telephone") {
    SdpState state;
    std::string const video = "m=video 5000 RTP/AVP 96\r\n";
    CHECK(answer_offer(offer(usual, video + video + video), local, {}, state));
    CHECK_FALSE(answer_offer(offer(usual, video + video + video + video), local, {}, state));
}

TEST_CASE("an address of the other family cannot be reached; of two audio lines the one in ours is taken") {
    SdpState state;
    std::string const six = "m=audio 4000 RTP/AVP 8\r\nc=IN IP6 2001:db8::1\r\n";
    auto const refused = answer_offer(offer(six), local, {}, state);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().token == "not_acceptable");
    CHECK(answer_offer(offer(six), *Address::parse("2001:db8::2", 20'000), {}, state));
    SdpState both;
    auto const agreed = answer_offer(offer(six + std::string{usual}), local, {}, both);
    REQUIRE(agreed);
    CHECK(agreed->config.remote.text() == "198.51.100.1:4000");
    CHECK(agreed->sdp.find("m=audio 0 RTP/AVP 8\r\nm=audio 20000 ") != std::string::npos);
    SdpState ours;
    make_offer(local, {}, ours);
    CHECK_FALSE(accept_answer(offer(six), ours));
    CHECK(accept_answer(offer(usual), ours));
}

TEST_CASE("what cannot be answered is refused as not acceptable and changes nothing") {
    SdpState state;
    for (auto const& bad : {std::string{}, std::string{"hello"}, std::string{"v=0\r\n"}, offer("m=audio 4000 RTP/SAVP 8\r\n"),
                            offer("m=audio 0 RTP/AVP 8\r\n"),
                            offer("m=audio 4000 RTP/AVP 18\r\n"), offer("m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n"),
                            offer("m=audio 70000 RTP/AVP 8\r\n"), offer("m=audio 4000 RTP/AVP\r\n"), offer("m=audio 4000 RTP/AVP 8\r\nx\r\n"),
                            offer("m=audio 4000 RTP/AVP 8\r\nc=IN IP4 example.com\r\n"), std::string{"v=0\r\nm=audio 4000 RTP/AVP 8\r\n"},
                            offer(std::string(20'000, 'a'))}) {
        CAPTURE(bad);
        auto const agreed = answer_offer(bad, local, {}, state);
        REQUIRE_FALSE(agreed);
        CHECK(agreed.error().token == "not_acceptable");
    }
    CHECK(state.version == 0);
}

TEST_CASE("offer and answer of our own agree") {
    SdpState caller, callee;
    auto const text = make_offer(local, {}, caller);
    auto const agreed = answer_offer(text, *Address::parse("192.0.2.20", 30'000), {}, callee);
    REQUIRE(agreed);
    auto const config = accept_answer(agreed->sdp, caller);
    REQUIRE(config);
    CHECK(config->payloads == agreed->config.payloads);
    CHECK(config->payloads.front().codec == "PCMA");
    CHECK(config->remote.port == 30'000);
    CHECK(make_offer(local, {}, caller) == text);
    CHECK(make_offer(local, {}, caller, Direction::send_only) != text);
}

TEST_CASE("an answer with numbers of its own is sent by them, and what comes by those of our offer is understood (RFC 3264 5.1)") {
    SdpState state;
    make_offer(local, {}, state);
    auto const config = accept_answer(offer("m=audio 4000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n"), state);
    REQUIRE(config);
    CHECK(config->payloads == std::vector<PayloadMap>{{8, "PCMA", 8000}, {96, "telephone-event", 8000}, {101, "telephone-event", 8000}});
    SdpState taken;
    make_offer(local, {}, taken);
    auto const other = accept_answer(offer("m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 PCMA/8000\r\n"), taken);
    REQUIRE(other);
    CHECK(other->payloads == std::vector<PayloadMap>{{101, "PCMA", 8000}, {8, "PCMA", 8000}});
}

TEST_CASE("audio goes to one host: multicast and broadcast are refused") {
    for (std::string const address : {"IP4 224.2.1.1/127", "IP4 239.255.255.250", "IP4 255.255.255.255", "IP6 ff02::1"}) {
        CAPTURE(address);
        SdpState state;
        auto const agreed = answer_offer(offer(std::string{usual} + "c=IN " + address + "\r\n"), local, {}, state);
        REQUIRE_FALSE(agreed);
        CHECK(agreed.error().token == "not_acceptable");
    }
    SdpState state;
    CHECK(answer_offer(offer(std::string{usual} + "c=IN IP4 223.255.255.254\r\n"), local, {}, state));
}

TEST_CASE("a codec of two channels is not ours, whatever its name") {
    SdpState state, one;
    auto const agreed = answer_offer(offer("m=audio 4000 RTP/AVP 96 8 0\r\na=rtpmap:96 PCMU/8000/2\r\na=rtpmap:8 PCMA/8000/2\r\n"), local, {}, state);
    REQUIRE(agreed);
    CHECK(agreed->config.payloads == std::vector<PayloadMap>{{0, "PCMU", 8000}});
    CHECK(answer_offer(offer("m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMA/8000/1\r\n"), local, {}, one)->config.payloads.front().codec == "PCMA");
}

TEST_CASE("packet times are taken between 10 and 60 ms and never above their maximum") {
    struct { std::string_view lines; int ms; } const rows[] = {{"a=ptime:30\r\n", 30}, {"a=ptime:5\r\n", 10}, {"a=ptime:200\r\n", 60},
        {"a=maxptime:10\r\n", 10}, {"a=ptime:25\r\n", 20}, {"a=ptime:x\r\n", 20}, {"a=ptime:0\r\n", 20}, {"a=ptime:-1\r\n", 20},
        {"a=ptime:30\r\na=maxptime:0\r\n", 30}};
    for (auto const& row : rows) {
        CAPTURE(row.lines);
        SdpState state;
        CHECK(answer_offer(offer("m=audio 4000 RTP/AVP 8\r\n" + std::string{row.lines}), local, {}, state)->config.ptime.count() == row.ms);
    }
}
