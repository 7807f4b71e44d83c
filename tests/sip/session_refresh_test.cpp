// The session timer (RFC 4028): its arithmetic, and both refresher roles in a running session.
#include <doctest/doctest.h>

#include "sip/session_timer.hpp"
#include "support/session_driver.hpp"

using namespace boni;
using namespace boni::test;

namespace {

Headers timed(std::uint32_t seconds, Refresher refresher = Refresher::unsaid) {
    return {.supported = {"timer"}, .allow = {"INVITE", "UPDATE"}, .session_expires = SessionExpires{seconds, refresher}};
}

/// A UAS whose peer asked for a timer.
SessionDriver timed_uas(Refresher refresher, std::vector<std::string> allow = {"INVITE", "UPDATE"}, std::uint32_t seconds = 1800) {
    SessionDriver call{Role::uas};
    auto invite = call.invite("offer");
    invite.headers = timed(seconds, refresher);
    invite.headers.allow = std::move(allow);
    call.on(invite);
    call.on(command::Answer{"answer"});
    call.on(call.ack());
    return call;
}

}  // namespace

TEST_CASE("an interval is refreshed at half and given up before it ends") {
    SessionTimer const timer{Refreshing::we, 1800s};
    CHECK(timer.refresh_after() == 900s);
    CHECK(timer.expires_after() == 1200s);
    SessionTimer const brief{Refreshing::we, 90s};
    CHECK(brief.refresh_after() == 45s);
    CHECK(brief.expires_after() == 58s);
}

TEST_CASE("what the 2xx grants follows table 2 of RFC 4028") {
    struct Row {
        std::vector<std::string> supported;
        std::optional<SessionExpires> asked;
        std::uint32_t offer;
        std::optional<SessionExpires> granted;
    };
    for (auto const& row : {
             Row{{}, std::nullopt, 1800, std::nullopt}, Row{{"timer"}, std::nullopt, 1800, SessionExpires{1800, Refresher::uas}},
             Row{{"timer"}, std::nullopt, 0, std::nullopt}, Row{{"Timer"}, SessionExpires{600}, 1800, SessionExpires{600, Refresher::uac}},
             Row{{"timer"}, SessionExpires{600, Refresher::uas}, 1800, SessionExpires{600, Refresher::uas}},
             Row{{"timer"}, SessionExpires{600, Refresher::uac}, 0, SessionExpires{600, Refresher::uac}},
             Row{{}, SessionExpires{600}, 1800, SessionExpires{600, Refresher::uas}},
         })
        CHECK(grant({.supported = row.supported, .session_expires = row.asked}, row.offer) == row.granted);
    CHECK(grant({.supported = {"timer"}, .min_se = 3600}, 1800) == SessionExpires{3600, Refresher::uas});
}

TEST_CASE("422 is for peers that understand timers") {
    CHECK(too_brief(timed(89), 90));
    CHECK_FALSE(too_brief(timed(90), 90));
    auto proxy_asked = timed(60);
    proxy_asked.supported.clear();
    CHECK_FALSE(too_brief(proxy_asked, 90));
    CHECK_FALSE(too_brief({}, 90));
}

TEST_CASE("who refreshes is read from the 2xx, whichever way it went") {
    CHECK(after_sending(SessionExpires{600, Refresher::uas}).who == Refreshing::we);
    CHECK(after_sending(SessionExpires{600, Refresher::uac}).who == Refreshing::they);
    CHECK(after_receiving(SessionExpires{600, Refresher::uac}).who == Refreshing::we);
    CHECK(after_receiving(SessionExpires{600, Refresher::uas}).who == Refreshing::they);
    CHECK(after_receiving(SessionExpires{600}).who == Refreshing::we);
    CHECK(after_receiving(std::nullopt).who == Refreshing::nobody);
    CHECK(after_receiving(SessionExpires{0}).who == Refreshing::nobody);
    CHECK(after_receiving(SessionExpires{5}).interval == 90s);
    CHECK(after_receiving(SessionExpires{4'000'000'000}).interval == 86'400s);
}

TEST_CASE("the 2xx says who refreshes, and requires timers of a refreshing caller") {
    SessionDriver call{Role::uas};
    auto invite = call.invite("offer");
    invite.headers = timed(600);
    call.on(invite);
    call.on(command::Answer{"answer"});
    CHECK(call.responded().session_expires == SessionExpires{600, Refresher::uac});
    CHECK(call.responded().require == std::vector<std::string>{"timer"});
}

TEST_CASE("we refresh with UPDATE at half the interval, again and again") {
    auto call = timed_uas(Refresher::uas);
    for (int i = 0; i < 3; ++i) {
        CHECK(call.pass(900s) == "UPDATE@peer");
        CHECK(call.latest[Method::update].headers.session_expires == SessionExpires{1800, Refresher::uac});
        auto ok = call.response(Method::update, 200);
        ok.headers.session_expires = SessionExpires{1800, Refresher::uac};
        CHECK(call.on(ok) == "");
    }
}

TEST_CASE("we refresh with a re-INVITE when the peer knows no UPDATE, with the session in force") {
    auto call = timed_uas(Refresher::uas, {"INVITE"});
    CHECK(call.pass(900s) == "INVITE@peer answer");
    auto ok = call.response(Method::invite, 200, "offer");
    ok.headers.session_expires = SessionExpires{1800, Refresher::uac};
    CHECK(call.on(ok) == "ACK@peer | answer offer");
    CHECK(call.pass(899s) == "");
}

TEST_CASE("an UPDATE that is not known after all is followed by a re-INVITE") {
    auto call = timed_uas(Refresher::uas);
    call.pass(900s);
    CHECK(call.on(call.response(Method::update, 501)) == "");
    CHECK(call.pass(10s) == "INVITE@peer answer");
}

TEST_CASE("a refresh refused with 422 asks for more, once, and says so in Min-SE") {
    auto call = timed_uas(Refresher::uas);
    call.pass(900s);
    auto brief = call.response(Method::update, 422);
    brief.headers.min_se = 2400;
    call.on(brief);
    CHECK(call.pass(10s) == "UPDATE@peer");
    CHECK(call.latest[Method::update].headers.session_expires == SessionExpires{2400, Refresher::uac});
    CHECK(call.latest[Method::update].headers.min_se == 2400);
}

TEST_CASE("a glare on the refresh is tried again") {
    auto call = timed_uas(Refresher::uas);
    call.pass(900s);
    CHECK(call.on(call.response(Method::update, 491)) == "");
    CHECK(call.pass(10s) == "UPDATE@peer");
}

TEST_CASE("a refresh that a server in trouble refuses is sent again until the session expires") {
    for (auto const method : {Method::update, Method::invite}) {
        auto const update = method == Method::update;
        auto call = timed_uas(Refresher::uas, {update ? "UPDATE" : "INVITE"});
        call.pass(900s);
        auto times = 1;
        for (; call.on(call.response(method, 503)) == "" && call.session.state() == "confirmed"; ++times)
            if (call.pass(4s) != (update ? "UPDATE@peer" : "INVITE@peer answer")) break;
        CHECK(times == 75);
        CHECK(call.ending.guard == "session_expiry");
    }
}

TEST_CASE("a peer that does not refresh is hung up before the interval ends") {
    auto call = timed_uas(Refresher::uac);
    CHECK(call.pass(1199s) == "");
    CHECK(call.pass(1s) == "guard session_expiry, BYE@peer | ended session_expired");
    CHECK(call.ending.guard == "session_expiry");
}

TEST_CASE("a refresh of the peer starts the interval anew, by UPDATE and by re-INVITE") {
    auto call = timed_uas(Refresher::uac);
    call.pass(900s);
    auto update = call.request(Method::update);
    update.headers = timed(1800, Refresher::uac);
    CHECK(call.on(update) == "200");
    CHECK(call.responded().session_expires == SessionExpires{1800, Refresher::uac});
    call.pass(900s);
    auto invite = call.invite("offer");
    invite.headers = timed(1800, Refresher::uac);
    call.on(invite);
    call.on(command::AnswerOffer{"answer"});
    call.on(call.ack());
    CHECK(call.pass(1199s) == "");
}

TEST_CASE("the caller refreshes when the 200 makes it the refresher") {
    SessionDriver call{Role::uac};
    call.on(command::Start{"offer"});
    auto ok = call.response(Method::invite, 200, "answer");
    ok.headers = timed(1800, Refresher::uac);
    call.on(ok);
    CHECK(call.pass(900s) == "UPDATE@peer");
}

TEST_CASE("a peer without timers is never refreshed") {
    SessionDriver call{Role::uac};
    call.on(command::Start{"offer"});
    call.on(call.response(Method::invite, 200, "answer"));
    CHECK(call.pass(std::chrono::hours{3}) == "");
}

TEST_CASE("a refresh waits while the peer's offer is open") {
    auto call = timed_uas(Refresher::uas);
    call.pass(890s);
    auto invite = call.invite("offer 2");
    invite.headers.supported = {"timer"};
    call.on(invite);
    CHECK(call.pass(11s) == "");
    auto line = call.on(command::AnswerOffer{"answer 2"});
    CHECK(line == "200 answer 2");
    CHECK(call.on(call.ack()) == "");   // the 2xx was a refresh of its own
}
