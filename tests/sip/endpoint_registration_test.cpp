// A trunk that wants us registered: credentials, expiry, routes, and what its registrar may do then.
#include <doctest/doctest.h>

#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

Trunk line_at(SipPeer const& registrar) {
    Trunk trunk;
    trunk.name = "line";
    trunk.kind = TrunkKind::registering;
    trunk.targets = {{"127.0.0.1", registrar.address().port, Transport::udp}};
    trunk.auth = Login{"911140001234", Secret{"secret"}, ""};
    return trunk;
}

bool up(Phone& phone) { return phone.endpoint.trunks().front().up; }

/// Grants what was asked, with our Contact echoed among others.
void grant(SipPeer& registrar, std::string const& request, int seconds) {
    auto const route = "Service-Route: <sip:" + registrar.address().text() + ";lr;edge>\r\n";
    registrar.answer(request, 200, {.extra = "Contact: <sip:other@192.0.2.9>;expires=9999\r\n" + route,
                                    .contact = field(request, "Contact") + ";expires=" + std::to_string(seconds)});
}

}  // namespace

TEST_CASE("a line is registered with digest, refreshed in time and taken back when draining") {
    Loop loop;
    SipPeer registrar{loop};
    Phone phone{loop, {}, {line_at(registrar)}};
    auto const first = registrar.expect("REGISTER");
    CHECK(first.starts_with("REGISTER sip:127.0.0.1 SIP/2.0"));
    CHECK(uri_in(field(first, "To")) == "sip:911140001234@127.0.0.1");
    CHECK(field(first, "Expires") == "300");
    CHECK_FALSE(up(phone));
    registrar.answer(first, 401, {.extra = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5\r\n"});
    auto const second = registrar.expect("REGISTER");
    CHECK(field(second, "Authorization").find("username=\"911140001234\"") != std::string::npos);
    CHECK(field(second, "Call-ID") == field(first, "Call-ID"));
    CHECK(std::stoi(field(second, "CSeq")) == std::stoi(field(first, "CSeq")) + 1);
    grant(registrar, second, 2);
    REQUIRE(loop.until([&] { return up(phone) || registrar.received.size() > 3; }));
    auto const refresh = registrar.expect("REGISTER");   // 1.6 s later
    CHECK(std::stoi(field(refresh, "CSeq")) == std::stoi(field(second, "CSeq")) + 1);
    grant(registrar, refresh, 300);
    phone.endpoint.drain();
    auto const gone = registrar.expect("REGISTER");
    CHECK(field(gone, "Expires") == "0");
    CHECK(field(gone, "Contact") == field(first, "Contact"));
}

TEST_CASE("a line whose address towards the carrier changes is registered anew, an unchanged one is left alone") {
    Loop loop;
    SipPeer registrar{loop};
    auto line = line_at(registrar);
    Phone phone{loop, {}, {line}};
    auto const first = registrar.expect("REGISTER");
    grant(registrar, first, 300);
    REQUIRE(loop.until([&] { return up(phone); }));
    phone.endpoint.set_trunks({line});
    CHECK(up(phone));
    line.public_address = "192.0.2.1";
    phone.endpoint.set_trunks({line});
    auto const second = registrar.expect("REGISTER");
    CHECK(field(second, "Contact").find("@192.0.2.1:") != std::string::npos);
    CHECK(field(second, "Call-ID") != field(first, "Call-ID"));
}

TEST_CASE("a line that is no more is taken back, and may come back") {
    Loop loop;
    SipPeer registrar{loop};
    auto const line = line_at(registrar);
    Phone phone{loop, {}, {line}};
    auto const first = registrar.expect("REGISTER");
    grant(registrar, first, 300);
    REQUIRE(loop.until([&] { return up(phone); }));
    phone.endpoint.set_trunks({});
    auto const gone = registrar.expect("REGISTER");
    CHECK(field(gone, "Expires") == "0");
    CHECK(field(gone, "Contact") == field(first, "Contact"));
    CHECK(field(gone, "Call-ID") == field(first, "Call-ID"));
    registrar.answer(gone, 401, {.extra = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5\r\n"});
    auto const proved = registrar.expect("REGISTER");
    CHECK(field(proved, "Expires") == "0");
    CHECK(field(proved, "Authorization").find("username=\"911140001234\"") != std::string::npos);
    registrar.answer(proved, 200);
    phone.endpoint.set_trunks({line});
    auto const back = registrar.expect("REGISTER");
    CHECK(field(back, "Expires") == "300");
    grant(registrar, back, 300);
    REQUIRE(loop.until([&] { return up(phone); }));
}

TEST_CASE("calls go out along the service route and come in from the registrar alone") {
    Loop loop;
    SipPeer registrar{loop};
    Phone phone{loop, {}, {line_at(registrar)}};
    grant(registrar, registrar.expect("REGISTER"), 300);
    auto const id = phone.dial({.to = "+919876543210", .from_user = "+911140001234", .offer = "offer", .trunk = "line"});
    auto const invite = registrar.expect("INVITE");
    CHECK(field(invite, "Route") == "<sip:" + registrar.address().text() + ";lr;edge>");
    registrar.answer(invite, 486);
    REQUIRE(phone.ended(id));
    auto const to = phone.endpoint.udp();
    registrar.send(to, registrar.request({.to = to, .body = "offer"}));
    REQUIRE(phone.called());
    CHECK(phone.incoming.front().trunk == "line");
}

TEST_CASE("a registrar that wants a longer binding gets it, and one that refuses is asked again later") {
    Loop loop;
    SipPeer registrar{loop};
    Phone phone{loop, {}, {line_at(registrar)}};
    registrar.answer(registrar.expect("REGISTER"), 423, {.extra = "Min-Expires: 600\r\n"});
    auto const longer = registrar.expect("REGISTER");
    CHECK(field(longer, "Expires") == "600");
    registrar.answer(longer, 503);
    auto const asked = std::chrono::steady_clock::now();
    registrar.expect("REGISTER");
    CHECK(std::chrono::steady_clock::now() - asked >= 1900ms);
    CHECK_FALSE(up(phone));
}

TEST_CASE("a line is registered at the next address when one does not answer or cannot, and refreshed where it was") {
    Loop loop;
    SipPeer busy{loop}, registrar{loop};
    auto line = line_at(registrar);
    line.targets.insert(line.targets.begin(), {{"127.0.0.1", 1, Transport::tcp}, {"127.0.0.1", busy.address().port, Transport::udp}});
    Phone phone{loop, {}, {line}};
    busy.answer(busy.expect("REGISTER"), 503);
    auto const first = registrar.expect("REGISTER");
    grant(registrar, first, 2);
    REQUIRE(loop.until([&] { return up(phone); }));
    auto const refresh = registrar.expect("REGISTER");
    CHECK(field(refresh, "Call-ID") == field(first, "Call-ID"));
    CHECK_FALSE(busy.pending("REGISTER"));
    registrar.answer(refresh, 500);
    busy.expect("REGISTER");
}

TEST_CASE("the only Contact of a grant is ours, however it is written") {
    Loop loop;
    SipPeer registrar{loop};
    Phone phone{loop, {}, {line_at(registrar)}};
    registrar.answer(registrar.expect("REGISTER"), 200, {.contact = "<sip:911140001234@198.51.100.7:1024>;expires=2"});
    registrar.expect("REGISTER");   // 1.6 s later, not after the 240 s of what was asked for
}

TEST_CASE("the way back from a registrar is kept open while a line is registered") {
    Loop loop;
    SipPeer registrar{loop};
    Phone phone{loop, {.keep_alive = 20ms}, {line_at(registrar)}};
    auto const blank = [&] { return std::ranges::count(registrar.received, "\r\n\r\n"); };
    auto const first = registrar.expect("REGISTER");
    CHECK(blank() == 0);
    grant(registrar, first, 300);
    CHECK(loop.until([&] { return blank() >= 3; }));
    phone.endpoint.set_trunks({});
    registrar.answer(registrar.expect("REGISTER"), 200);
    phone.endpoint.trunks();   // one turn of the SIP loop
    registrar.received.clear();
    loop.until([] { return false; }, 100ms);
    CHECK(blank() == 0);
}

TEST_CASE("credentials that were refused once are asked for anew, as after an outage of what checks them") {
    Loop loop;
    SipPeer registrar{loop};
    Phone phone{loop, {}, {line_at(registrar)}};
    auto const challenge = [&](std::string const& nonce) {
        auto const asked = registrar.expect("REGISTER");
        registrar.answer(asked, 401, {.extra = "WWW-Authenticate: Digest realm=\"r\", nonce=\"" + nonce + "\", qop=\"auth\", algorithm=MD5\r\n"});
        return field(asked, "Authorization");
    };
    challenge("one");
    CHECK(challenge("two").find("nonce=\"one\"") != std::string::npos);   // refused
    CHECK(challenge("three").empty());                                    // 2 s later
    auto const asked = registrar.expect("REGISTER");
    CHECK(field(asked, "Authorization").find("nonce=\"three\"") != std::string::npos);
    grant(registrar, asked, 300);
    CHECK(loop.until([&] { return up(phone); }));
}
