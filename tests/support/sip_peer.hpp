// A peer that says exactly what a test wants, byte for byte, over UDP or one TCP connection; on the test's loop (endpoints.hpp).
//
//   SipPeer peer{loop};
//   peer.send(phone.endpoint.udp(), peer.invite({.to = phone.endpoint.udp()}));
//   auto const trying = peer.expect("100");
//   peer.answer(request, 180, {.tag = "a"});
#pragma once

#include <deque>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "endpoints.hpp"
#include "sip/text.hpp"

namespace boni::test {

/// The value of the first header of that name; empty without.
inline std::string field(std::string const& message, std::string_view name) {
    std::size_t at = message.find("\r\n");
    while (at != std::string::npos && message.compare(at, 4, "\r\n\r\n") != 0) {
        at += 2;
        auto const end = message.find("\r\n", at);
        auto const line = message.substr(at, end - at);
        auto const colon = line.find(':');
        if (colon != std::string::npos && same_word(line.substr(0, colon), name)) return std::string{trim(std::string_view{line}.substr(colon + 1))};
        at = end;
    }
    return {};
}
/// Every value of a header, one per line.
inline std::string fields(std::string const& message, std::string_view name) {
    std::string out, rest = message;
    for (auto at = rest.find("\r\n"); at != std::string::npos; at = rest.find("\r\n", at + 2)) {
        auto const end = rest.find("\r\n", at + 2);
        if (end == at + 2 || end == std::string::npos) break;
        auto const line = rest.substr(at + 2, end - at - 2);
        if (!starts_with_word(line, std::string{name} + ":")) continue;
        out += (out.empty() ? "" : "\n") + std::string{trim(std::string_view{line}.substr(name.size() + 1))};
    }
    return out;
}
inline std::string body(std::string const& message) {
    auto const at = message.find("\r\n\r\n");
    return at == std::string::npos ? "" : message.substr(at + 4);
}
/// "tag=..." of a From or To value.
inline std::string tag_of(std::string const& value) {
    auto const at = value.find(";tag=");
    return at == std::string::npos ? "" : value.substr(at + 5, value.find(';', at + 5) - at - 5);
}
/// "<sip:a@b>" without brackets.
inline std::string uri_in(std::string const& value) {
    auto const at = value.find('<');
    return value.substr(at + 1, value.find('>') - at - 1);
}

/// A request of the peer.
struct Ask {
    Address to{};
    std::string method = "INVITE";
    std::string user = "911140001234";
    std::string call_id = "peer-call";
    std::string branch = "z9hG4bKpeer1";
    std::string to_tag{};
    int cseq = 1;
    std::string extra{};              ///< header lines with CRLF
    std::string body{};
    std::string contact{};            ///< value; empty: our address; "none": no Contact
    std::string max_forwards = "70";
    std::string transport = "UDP";
};

/// A response of the peer.
struct Say {
    std::string tag = "peer";
    std::string extra{};
    std::string body{};
    std::string contact{};
};

class SipPeer {
  public:
    explicit SipPeer(Loop& loop, std::string const& host = "127.0.0.1")
        : loop_{loop}, socket_{loop.io, asio::ip::udp::endpoint{asio::ip::make_address(host), 0}} { receive(); }

    Address address() const { return *Address::parse(socket_.local_endpoint().address().to_string(), socket_.local_endpoint().port()); }
    void send(Address const& to, std::string const& text) {
        socket_.send_to(asio::buffer(text), {asio::ip::make_address(to.ip_text()), to.port});
    }

    /// Every message that starts with `word` ("INVITE", or a status), oldest first; waits for one.
    std::string expect(std::string const& word, std::chrono::steady_clock::duration limit = 5s) {
        std::string found;
        auto const came = loop_.until([&] { return take(word, found); }, limit);
        CHECK_MESSAGE(came, word << " did not come");
        return found;
    }
    /// Takes out a message that has already come.
    bool pending(std::string const& word) {
        std::string found;
        return take(word, found);
    }

    std::string request(Ask const& ask) const {
        auto const here = address().text();
        auto const value = ask.contact.empty() ? "<sip:peer@" + here + ">" : ask.contact;
        auto const contact = ask.contact == "none" ? std::string{} : "Contact: " + value + "\r\n";
        return fmt::format("{} sip:{}@{} SIP/2.0\r\nVia: SIP/2.0/{} {};branch={};rport\r\nMax-Forwards: {}\r\nFrom: <sip:09876543210@{}>;tag=peer\r\n"
                           "To: <sip:{}@{}>{}\r\nCall-ID: {}\r\nCSeq: {} {}\r\n{}{}{}Content-Length: {}\r\n\r\n{}",
                           ask.method, ask.user, ask.to.text(), ask.transport, here, ask.branch, ask.max_forwards, here, ask.user,
                           ask.to.text(), ask.to_tag.empty() ? "" : ";tag=" + ask.to_tag, ask.call_id, ask.cseq, ask.method, contact, ask.extra,
                           ask.body.empty() ? "" : "Content-Type: application/sdp\r\n", ask.body.size(), ask.body);
    }

    /// A response to a request that was received, to where it came from.
    void answer(std::string const& request, int status, Say const& say = {}) {
        auto to = field(request, "To");
        if (tag_of(to).empty() && status > 100) to += ";tag=" + say.tag;
        auto const contact = say.contact.empty() ? "<sip:peer@" + address().text() + ">" : say.contact;
        send(last_from, fmt::format("SIP/2.0 {} Whatever\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: {}\r\n{}{}"
                                    "Content-Length: {}\r\n\r\n{}",
                                    status, field(request, "Via"), field(request, "From"), to, field(request, "Call-ID"),
                                    field(request, "CSeq"), contact, say.extra,
                                    say.body.empty() ? "" : "Content-Type: application/sdp\r\n", say.body.size(), say.body));
    }

    std::deque<std::string> received;
    Address last_from;

  private:
    bool take(std::string const& word, std::string& found) {
        for (auto one = received.begin(); one != received.end(); ++one) {
            if (!one->starts_with(word + ' ') && !one->starts_with("SIP/2.0 " + word)) continue;
            found = *one;
            received.erase(one);
            return true;
        }
        return false;
    }
    void receive() {
        socket_.async_receive_from(asio::buffer(buffer_), from_, [this](boost::system::error_code error, std::size_t size) {
            if (error) return;
            received.emplace_back(buffer_.data(), size);
            last_from = *Address::parse(from_.address().to_string(), from_.port());
            receive();
        });
    }

    Loop& loop_;
    asio::ip::udp::socket socket_;
    asio::ip::udp::endpoint from_;
    std::array<char, 65536> buffer_{};
};

/// The peer's URI as a phone of ours dials it.
inline Dial dial_to(SipPeer& peer, std::string offer = "offer") {
    Dial dial{.request_uri = "sip:bob@" + peer.address().text(), .from_user = "+919876543210"};
    if (!offer.empty()) dial.offer = std::move(offer);
    return dial;
}

/// A call of the peer's that our phone has answered.
struct Answered {
    SessionId id;
    std::string to_tag;
};
inline Answered answered_call(Phone& phone, SipPeer& peer) {
    auto const to = phone.endpoint.udp();
    peer.send(to, peer.request({.to = to, .body = "offer"}));
    REQUIRE(phone.called());
    auto const id = phone.incoming.front().id;
    phone.endpoint.answer(id, "answer");
    auto tag = tag_of(field(peer.expect("200"), "To"));
    peer.send(to, peer.request({.to = to, .method = "ACK", .branch = "z9hG4bKack", .to_tag = tag}));
    return {id, std::move(tag)};
}

}  // namespace boni::test
