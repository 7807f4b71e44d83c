// Calls over TCP and TLS: connections reused and made anew, certificates that stand for the right name or for the wrong one.
#include <doctest/doctest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "support/certificates.hpp"
#include "support/descriptor.hpp"
#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

EndpointConfig with_tls(Certificates& certificates, std::string const& pem) {
    EndpointConfig config;
    config.tls = TlsConfig{*Address::parse("127.0.0.1", 0), pem, certificates.ca_file()};
    config.outbound_ca_file = certificates.ca_file();
    return config;
}

SessionId call_over_tls(Phone& caller, Phone& called, std::string const& host) {
    auto uri = fmt::format("sip:bob@{}:{};transport=tls", host, called.endpoint.tls()->port);
    return caller.dial({.request_uri = std::move(uri), .from_user = "a", .offer = "offer"});
}

/// Answers what rings; true when both ends talk.
bool talk(Phone& caller, SessionId id, Phone& called) {
    if (!called.called()) return false;
    called.endpoint.answer(called.incoming.back().id, "answer");
    return caller.heard(id, "answered answer") && called.heard(called.incoming.back().id, "confirmed");
}

/// One TCP connection of a peer that writes its messages by hand.
struct HandwrittenTcpPeer {
    HandwrittenTcpPeer(Loop& on, Address const& to) : loop{on}, socket{on.io} { socket.connect({asio::ip::make_address(to.ip_text()), to.port}); }
    /// The next one that comes.
    HandwrittenTcpPeer(Loop& on, asio::ip::tcp::acceptor& listener) : loop{on}, socket{on.io} {
        auto const came = std::make_shared<bool>(false);
        listener.async_accept(socket, [came](auto error) { *came = !error; });
        CHECK(loop.until([&] { return *came; }, 5s));
    }
    void send(std::string const& message) { asio::write(socket, asio::buffer(message)); }
    /// Until `part` has come; everything so far is in `read`.
    bool reads(std::string const& part) {
        auto const done = std::make_shared<bool>(false);
        asio::async_read_until(socket, asio::dynamic_buffer(read), part, [done](auto error, auto) { *done = !error; });
        return loop.until([&] { return *done; }, 5s);
    }
    Loop& loop;
    asio::ip::tcp::socket socket;
    std::string read;
};

}  // namespace

TEST_CASE("a call over TCP, ended by the called side on the connection of the caller") {
    Loop loop;
    Phone alice{loop}, bob{loop};
    auto const id = alice.call(bob, "offer", ";transport=tcp");
    REQUIRE(talk(alice, id, bob));
    auto const& called = bob.incoming.front();
    bob.endpoint.reoffer(called.id, "hold");
    REQUIRE(alice.heard(id, "offer hold"));
    alice.endpoint.answer_offer(id, "held");
    REQUIRE(bob.heard(called.id, "answer held"));
    bob.endpoint.hangup(called.id, Cause::normal);
    REQUIRE(alice.ended(id));
    for (auto const& message : (alice.ladder(id), alice.ladders[id])) {
        CHECK(message.transport == Transport::tcp);
        CHECK(message.remote == bob.endpoint.udp());
    }
}

TEST_CASE("a call over TLS to a name its certificate stands for, also as sips:") {
    Certificates certificates;
    Loop loop;
    Phone alice{loop, with_tls(certificates, certificates.leaf("alice", "DNS:alice.test,IP:127.0.0.1"))};
    Phone bob{loop, with_tls(certificates, certificates.leaf("bob", "DNS:localhost"))};
    auto const first = call_over_tls(alice, bob, "localhost");
    REQUIRE(talk(alice, first, bob));
    auto const secure = fmt::format("sips:bob@localhost:{}", bob.endpoint.tls()->port);
    auto const second = alice.dial({.request_uri = secure, .from_user = "a", .offer = "offer"});
    REQUIRE(bob.called(2));
    bob.endpoint.reject(bob.incoming.back().id, 486, Cause::busy);
    REQUIRE(alice.ended(second));
    CHECK(alice.endings[second].cause == Cause::busy);
    bob.endpoint.hangup(bob.incoming.front().id, Cause::normal);
    REQUIRE(alice.ended(first));
    alice.ladder(first);
    CHECK(alice.ladders[first].front().transport == Transport::tls);
}

TEST_CASE("who calls a sips: URI over TLS gets a sips: Contact, who calls sip: there does not") {
    Certificates certificates;
    Loop loop;
    Phone phone{loop, with_tls(certificates, certificates.leaf("bob", "DNS:localhost"))};
    phone.when_called = [&](SessionId id) { phone.endpoint.ring(id); };
    SipPeer text{loop};
    asio::ssl::context context{asio::ssl::context::tls_client};
    auto const to = *phone.endpoint.tls();
    for (auto const* const scheme : {"sips", "sip"}) {
        asio::ssl::stream<asio::ip::tcp::socket> caller{loop.io, context};
        caller.next_layer().connect({asio::ip::make_address(to.ip_text()), to.port});
        caller.handshake(asio::ssl::stream_base::client);
        auto invite = text.request({.to = to, .branch = fmt::format("z9hG4bK{}", scheme), .body = "offer", .transport = "TLS"});
        asio::write(caller, asio::buffer(invite.replace(invite.find("sip:"), 3, scheme)));
        auto const read = std::make_shared<std::string>();
        auto const done = std::make_shared<bool>(false);
        asio::async_read_until(caller, asio::dynamic_buffer(*read), "180 Ringing", [read, done](auto error, auto) { *done = !error; });
        REQUIRE(loop.until([&] { return *done; }, 5s));
        auto const rest = std::make_shared<bool>(false);
        asio::async_read_until(caller, asio::dynamic_buffer(*read), "Allow:", [read, rest](auto error, auto) { *rest = !error; });
        REQUIRE(loop.until([&] { return *rest; }, 5s));
        auto const ringing = read->substr(read->find("SIP/2.0 180"));
        CHECK(field(ringing, "Contact").starts_with(fmt::format("<{}:911140001234@127.0.0.1:{}", scheme, to.port)));
    }
}

TEST_CASE("a certificate for another name, or by another authority, is refused before a SIP byte") {
    Certificates certificates, others;
    Loop loop;
    auto config = with_tls(certificates, certificates.leaf("alice", "DNS:alice.test"));
    Phone alice{loop, config};
    Phone bob{loop, with_tls(certificates, certificates.leaf("bob", "DNS:bob.test"))};
    Phone carol{loop, with_tls(others, others.leaf("carol", "DNS:localhost"))};
    for (auto* const called : {&bob, &carol}) {
        auto const id = call_over_tls(alice, *called, "localhost");
        REQUIRE(alice.ended(id));
        CHECK(alice.endings[id].cause == Cause::network_failure);
        CHECK(called->incoming.empty());
        CHECK(alice.ladder(id).empty());
    }
}

TEST_CASE("a trunk is known by the name in its certificate") {
    Certificates certificates;
    Loop loop;
    Phone alice{loop, with_tls(certificates, certificates.leaf("alice", "DNS:alice.test"))};
    Phone mallory{loop, with_tls(certificates, certificates.leaf("mallory", "DNS:mallory.test"))};
    Trunk carrier;
    carrier.name = "carrier";
    carrier.kind = TrunkKind::tls;
    carrier.tls_names = {"alice.test"};
    carrier.health_every = 0s;
    Phone bob{loop, with_tls(certificates, certificates.leaf("bob", "DNS:localhost")), {carrier}};
    auto const id = call_over_tls(alice, bob, "localhost");
    REQUIRE(talk(alice, id, bob));
    CHECK(bob.incoming.front().trunk == "carrier");
    auto const refused = call_over_tls(mallory, bob, "localhost");
    REQUIRE(mallory.ended(refused));
    CHECK(mallory.endings[refused].sip_status == 403);
    CHECK(bob.incoming.size() == 1);
}

TEST_CASE("a new chain is served after a reload, a broken one leaves the old") {
    Certificates certificates;
    Loop loop;
    Phone alice{loop, with_tls(certificates, certificates.leaf("alice", "DNS:alice.test"))};
    auto const pem = certificates.leaf("bob", "DNS:bob.test");
    Phone bob{loop, with_tls(certificates, pem)};
    auto const wrong = call_over_tls(alice, bob, "localhost");
    REQUIRE(alice.ended(wrong));
    certificates.leaf("bob", "DNS:localhost");
    CHECK(bob.endpoint.reload_tls().has_value());
    auto const right = call_over_tls(alice, bob, "localhost");
    REQUIRE(talk(alice, right, bob));
    std::ofstream{pem} << "nothing";
    auto const broken = bob.endpoint.reload_tls();
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error().what.find(pem) != std::string::npos);
}

TEST_CASE("a new chain of another kind of key is the only one that is served after a reload") {
    Certificates certificates;
    Loop loop;
    Phone alice{loop, with_tls(certificates, certificates.leaf("alice", "DNS:alice.test"))};
    Phone bob{loop, with_tls(certificates, certificates.leaf("bob", "DNS:bob.test"))};
    certificates.leaf("bob", "DNS:localhost", Certificates::Kind::rsa);
    CHECK(bob.endpoint.reload_tls().has_value());
    auto const id = call_over_tls(alice, bob, "localhost");
    REQUIRE(talk(alice, id, bob));
}

TEST_CASE("who is called is shown the new certificate after a reload, also under a name that was called before") {
    Certificates certificates;
    Loop loop;
    Trunk carrier;
    carrier.name = "carrier";
    carrier.kind = TrunkKind::tls;
    carrier.tls_names = {"alice.test"};
    carrier.health_every = 0s;
    auto const of_bob = with_tls(certificates, certificates.leaf("bob", "DNS:localhost"));
    Phone before{loop, of_bob, {carrier}}, after{loop, of_bob, {carrier}};
    Phone alice{loop, with_tls(certificates, certificates.leaf("alice", "DNS:expired.test"))};
    auto const refused = call_over_tls(alice, before, "localhost");
    REQUIRE(alice.ended(refused));
    CHECK(alice.endings[refused].sip_status == 403);
    certificates.leaf("alice", "DNS:alice.test");
    CHECK(alice.endpoint.reload_tls().has_value());
    auto const id = call_over_tls(alice, after, "localhost");
    REQUIRE(talk(alice, id, after));
}

TEST_CASE("after its connection is lost a dialog goes on over a new one") {
    Certificates certificates;
    Loop loop;
    auto config = with_tls(certificates, certificates.leaf("bob", "DNS:localhost,IP:127.0.0.1"));
    Phone bob{loop, config};
    auto const called_id = [&] { return bob.incoming.front().id; };
    // The caller is a socket that closes once it talks; its Contact is a listener of its own.
    asio::ip::tcp::acceptor listener{loop.io, {asio::ip::make_address("127.0.0.1"), 0}};
    asio::ip::tcp::socket caller{loop.io};
    caller.connect({asio::ip::make_address("127.0.0.1"), bob.endpoint.udp().port});
    SipPeer template_only{loop};
    auto const contact = fmt::format("<sip:peer@127.0.0.1:{};transport=tcp>", listener.local_endpoint().port());
    Ask ask{.to = bob.endpoint.udp(), .body = "offer", .contact = contact, .transport = "TCP"};
    asio::write(caller, asio::buffer(template_only.request(ask)));
    REQUIRE(bob.called());
    bob.endpoint.answer(called_id(), "answer");
    std::string read;
    auto const wait_for_text = [&](asio::ip::tcp::socket& from, std::string const& text) {
        auto done = false;
        asio::async_read_until(from, asio::dynamic_buffer(read), text, [&](auto error, auto) { done = !error; });
        return loop.until([&] { return done; });
    };
    REQUIRE(wait_for_text(caller, "\r\n\r\nanswer"));
    auto const accepted = read.substr(read.find("SIP/2.0 200"));
    ask.method = "ACK";
    ask.branch = "z9hG4bKack";
    ask.to_tag = tag_of(field(accepted, "To"));
    ask.body.clear();
    asio::write(caller, asio::buffer(template_only.request(ask)));
    REQUIRE(bob.heard(called_id(), "confirmed"));
    caller.close();
    asio::ip::tcp::socket again{loop.io};
    auto accepted_again = false;
    listener.async_accept(again, [&](auto error) { accepted_again = !error; });
    bob.endpoint.trunks();   // one turn of the SIP loop: it has seen the close
    bob.endpoint.hangup(called_id(), Cause::normal);
    REQUIRE(loop.until([&] { return accepted_again; }));
    read.clear();
    REQUIRE(wait_for_text(again, "BYE sip:peer@127.0.0.1"));
}

TEST_CASE("requests to a caller that came back go over its newest connection, wherever its Contact leads") {
    Loop loop;
    Phone phone{loop};
    SipPeer text{loop};
    auto const to = phone.endpoint.udp();
    Ask ask{.to = to, .body = "offer", .contact = "<sip:peer@127.0.0.1:9;transport=tcp>", .transport = "TCP"};
    std::optional<HandwrittenTcpPeer> first{std::in_place, loop, to};
    first->send(text.request(ask));
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.answer(id, "answer");
    REQUIRE(first->reads("\r\n\r\nanswer"));
    ask = {.to = to, .method = "ACK", .branch = "z9hG4bKack", .to_tag = tag_of(field(first->read.substr(first->read.find("SIP/2.0 200")), "To")),
           .contact = ask.contact, .transport = "TCP"};
    first->send(text.request(ask));
    REQUIRE(phone.heard(id, "confirmed"));
    first.reset();
    HandwrittenTcpPeer second{loop, to};
    ask.method = "OPTIONS";
    ask.branch = "z9hG4bKagain";
    ask.cseq = 2;
    second.send(text.request(ask));
    REQUIRE(second.reads("CSeq: 2 OPTIONS"));
    phone.endpoint.hangup(id, Cause::normal);
    CHECK(second.reads("BYE sip:peer@127.0.0.1:9"));
}

TEST_CASE("an answer whose connection is lost goes to the port its Via names") {
    Loop loop;
    Phone phone{loop};
    SipPeer text{loop};
    asio::ip::tcp::acceptor listener{loop.io, {asio::ip::make_address("127.0.0.1"), 0}};
    auto const here = text.address().text(), there = fmt::format("127.0.0.1:{}", listener.local_endpoint().port());
    auto invite = text.request({.to = phone.endpoint.udp(), .body = "offer", .transport = "TCP"});
    invite.replace(invite.find(here + ";branch"), here.size(), there);
    std::optional<HandwrittenTcpPeer> caller{std::in_place, loop, phone.endpoint.udp()};
    caller->send(invite);
    REQUIRE(phone.called());
    caller.reset();
    phone.endpoint.trunks();   // one turn of the SIP loop: it has seen the close
    phone.endpoint.reject(phone.incoming.front().id, 486, Cause::busy);
    HandwrittenTcpPeer again{loop, listener};
    CHECK(again.reads("SIP/2.0 486"));
}

TEST_CASE("a stream message without Content-Length closes its connection, others go on") {
    Loop loop;
    Phone phone{loop};
    SipPeer text{loop};
    asio::ip::tcp::socket bad{loop.io}, good{loop.io};
    for (auto* const one : {&bad, &good}) one->connect({asio::ip::make_address("127.0.0.1"), phone.endpoint.udp().port});
    auto options = text.request({.to = phone.endpoint.udp(), .method = "OPTIONS", .transport = "TCP"});
    auto without = options;
    without.erase(without.find("Content-Length: 0\r\n"), 19);
    asio::write(bad, asio::buffer(without));
    auto closed = false, answered = false;
    std::array<char, 64> byte{};
    bad.async_read_some(asio::buffer(byte), [&](auto error, auto) { closed = bool(error); });
    REQUIRE(loop.until([&] { return closed; }));
    asio::write(good, asio::buffer(options));
    std::string read;
    asio::async_read_until(good, asio::dynamic_buffer(read), "\r\n\r\n", [&](auto error, auto) { answered = !error; });
    REQUIRE(loop.until([&] { return answered; }));
    CHECK(read.starts_with("SIP/2.0 200"));
}

TEST_CASE("handshakes that are broken off leave no memory behind") {
    Certificates certificates;
    Loop loop;
    Phone phone{loop, with_tls(certificates, certificates.leaf("bob", "DNS:localhost"))};
    auto const resident = [] {
        std::ifstream status{"/proc/self/statm"};
        long size = 0, pages = 0;
        status >> size >> pages;
        return pages * 4;
    };
    // A ClientHello's first bytes: the server waits for the rest and then sees the connection close.
    std::string const hello{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
    auto const abort_some = [&](int times) {
        for (int i = 0; i < times; ++i) {
            asio::ip::tcp::socket one{loop.io};
            one.connect({asio::ip::make_address("127.0.0.1"), phone.endpoint.tls()->port});
            asio::write(one, asio::buffer(hello));
            one.set_option(asio::socket_base::linger{true, 0});   // reset: ten thousand ports in TIME_WAIT would hurt other tests
        }
        phone.endpoint.trunks();
    };
    abort_some(1000);
    auto const before = resident();
    abort_some(10'000);
#if defined(__has_feature) && (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
    CHECK(before > 0);   // a sanitizer keeps freed memory on purpose, and tells of leaks itself
#else
    CHECK(resident() - before < 1024);   // KiB
#endif
}

TEST_CASE("an endpoint that takes any port finds one for UDP and TCP without a word") {
    Loop loop;
    auto const here = asio::ip::make_address("127.0.0.77");   // nobody else's ports
    std::vector<asio::ip::tcp::socket> taken;
    for (auto at = 0; at < 4000; ++at) {                      // of some 28,000
        auto& one = taken.emplace_back(loop.io, asio::ip::tcp::v4());
        one.bind({here, 0});
    }
    auto const said = on_standard_error([&] {
        for (auto at = 0; at < 40; ++at) {
            Endpoint endpoint{{.listen = *Address::parse(here.to_string(), 0)}, system_clock(), loop.io.get_executor()};
            CHECK(endpoint.start());
        }
    });
    CHECK(said == "");
}
