// A wildcard listener: every address of ours answers, and what is sent leaves from the one the peer knows.
#include <doctest/doctest.h>

#include <boost/asio/read_until.hpp>

#include "support/certificates.hpp"
#include "support/endpoints.hpp"
#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

/// Of this machine, without those that mean something on their link alone: loopback at least.
std::vector<Address> ours(int family) {
    auto all = local_addresses();
    std::erase_if(all, [&](Address const& one) { return one.family != family || (family == AF_INET6 && one.ip[0] == 0xfe); });
    return all;
}

Trunk from_everywhere() {
    auto trunk = loopback_trunk();
    trunk.addresses = {*Cidr::parse("0.0.0.0/0"), *Cidr::parse("::/0")};
    return trunk;
}

struct Everywhere {
    Everywhere(Loop& loop, EndpointConfig config) : endpoint{std::move(config), system_clock(), loop.io.get_executor()} {
        endpoint.set_trunks({from_everywhere()});
        endpoint.on_incoming([this](Incoming call) { incoming.push_back(call.id); });
        auto const started = endpoint.start();
        REQUIRE_MESSAGE(started.has_value(), (started ? "" : started.error().what));
    }
    Endpoint endpoint;
    std::vector<SessionId> incoming;
};

Address at(Address here, std::uint16_t port) {
    here.port = port;
    return here;
}

}  // namespace

TEST_CASE("a wildcard listens on every address of its family, with one port for UDP and TCP") {
    for (auto const* const wildcard : {"0.0.0.0", "::"}) {
        CAPTURE(wildcard);
        Loop loop;
        Everywhere phone{loop, {.listen = *Address::parse(wildcard, 0)}};
        auto const listen = phone.endpoint.udp();
        CHECK(listen.any());
        REQUIRE(listen.port != 0);
        for (auto const& here : ours(listen.family)) {
            CAPTURE(here.ip_text());
            SipPeer peer{loop, here.ip_text()};
            auto const to = at(here, listen.port);
            peer.send(to, peer.request({.to = to, .method = "OPTIONS"}));
            CHECK(peer.expect("200").find("Allow: INVITE") != std::string::npos);
            CHECK(peer.last_from == to);

            asio::ip::tcp::socket stream{loop.io};
            stream.connect({asio::ip::make_address(here.ip_text()), listen.port});
            asio::write(stream, asio::buffer(peer.request({.to = to, .method = "OPTIONS", .transport = "TCP"})));
            std::string read;
            auto answered = false;
            asio::async_read_until(stream, asio::dynamic_buffer(read), "\r\n\r\n", [&](auto error, auto) { answered = !error; });
            REQUIRE(loop.until([&] { return answered; }));
            CHECK(read.starts_with("SIP/2.0 200"));
        }
    }
}

TEST_CASE("a call on a wildcard is hung up from the address it came to, over the connection it came on") {
    Loop loop;
    Everywhere phone{loop, {.listen = *Address::parse("0.0.0.0", 0)}};
    auto const port = phone.endpoint.udp().port;
    for (auto const& here : ours(AF_INET)) {
        CAPTURE(here.ip_text());
        SipPeer peer{loop, here.ip_text()};
        auto const to = at(here, port);
        phone.incoming.clear();
        peer.send(to, peer.request({.to = to, .call_id = here.ip_text(), .body = "offer"}));
        REQUIRE(loop.until([&] { return !phone.incoming.empty(); }));
        phone.endpoint.answer(phone.incoming.front(), "answer");
        auto const accepted = peer.expect("200");
        CHECK(field(accepted, "Contact") == "<sip:911140001234@" + to.text() + ">");
        auto const tag = tag_of(field(accepted, "To"));
        peer.send(to, peer.request({.to = to, .method = "ACK", .call_id = here.ip_text(), .branch = "z9hG4bKack", .to_tag = tag}));
        phone.endpoint.hangup(phone.incoming.front(), Cause::normal);
        auto const bye = peer.expect("BYE");
        CHECK(peer.last_from == to);
        CHECK(field(bye, "Via").starts_with("SIP/2.0/UDP " + to.text()));
        peer.answer(bye, 200);
    }
}

TEST_CASE("TLS on a wildcard, too; an address we do not have is an error that names it") {
    Certificates certificates;
    Loop loop;
    auto const pem = certificates.leaf("bob", "DNS:localhost");
    Everywhere phone{loop, {.listen = *Address::parse("127.0.0.1", 0), .tls = TlsConfig{*Address::parse("0.0.0.0", 0), pem, certificates.ca_file()}}};
    REQUIRE(phone.endpoint.tls());
    for (auto const& here : ours(AF_INET)) {
        asio::ip::tcp::socket stream{loop.io};
        CHECK_NOTHROW(stream.connect({asio::ip::make_address(here.ip_text()), phone.endpoint.tls()->port}));
        SipPeer peer{loop, here.ip_text()};
        phone.endpoint.dial({.request_uri = "sip:bob@" + peer.address().text(), .from_user = "+919876543210", .offer = "offer"});
        peer.expect("INVITE");   // from the one address that is not for TLS alone
    }
    Endpoint elsewhere{{.listen = *Address::parse("203.0.113.9", 0)}, system_clock(), loop.io.get_executor()};
    auto const started = elsewhere.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().what.find("203.0.113.9") != std::string::npos);
}
