#include "cli/softphone/phone.hpp"

#include <sys/socket.h>

#include <csignal>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <doctest/doctest.h>

using namespace boni;

namespace {

/// A peer that says what a test wants, on a thread of the test's.
class Peer {
  public:
    Address address() const { return *Address::parse("127.0.0.1", socket_.local_endpoint().port()); }

    /// What comes next, two line breaks of a keep-alive aside; empty: nothing for 2 s.
    std::string hear() {
        timeval const limit{2, 0};
        setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        for (;;) {
            std::string text(4096, '\0');
            socklen_t size = sizeof from_;
            auto const got = recvfrom(socket_.native_handle(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&from_), &size);
            if (got <= 0) return {};
            text.resize(std::size_t(got));
            if (text != "\r\n\r\n") return text;
        }
    }
    /// To whoever was heard last.
    void say(std::string const& text) {
        sendto(socket_.native_handle(), text.data(), text.size(), 0, reinterpret_cast<sockaddr const*>(&from_), sizeof from_);
    }

  private:
    boost::asio::io_context io_;
    boost::asio::ip::udp::socket socket_{io_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
    sockaddr_in from_{};
};

std::string answer_to(std::string const& request, std::string const& status) {
    auto out = "SIP/2.0 " + status + "\r\n";
    for (auto const* const name : {"Via:", "From:", "To:", "Call-ID:", "CSeq:"}) {
        auto const at = request.find("\r\n" + std::string{name}) + 2;
        out += request.substr(at, request.find("\r\n", at) - at) + (std::string{name} == "To:" ? ";tag=peer\r\n" : "\r\n");
    }
    return out + "Content-Length: 0\r\n\r\n";
}

}  // namespace

TEST_CASE("whoever interrupts a call twice does not wait for a peer that says nothing") {
    Peer const silent;
    cli::CallPlan plan{.target = "+918040000001", .server = silent.address()};
    std::vector<std::string> told;
    auto const started = std::chrono::steady_clock::now();
    auto const report = cli::call(std::move(plan), [&](json::object line) {
        told.emplace_back(line.at("event").as_string());
        if (told.size() > 1) return;
        std::raise(SIGINT);
        std::raise(SIGINT);
    });
    REQUIRE(report);
    CHECK(std::chrono::steady_clock::now() - started < 5s);   // the transaction alone would take 32 s
    CHECK(told == std::vector<std::string>{"dialling", "ended"});
    CHECK_FALSE(report->reached);
}

TEST_CASE("a call that is cancelled before any answer came stays until its CANCEL is sent") {
    Peer slow;
    std::string cancel;
    std::thread peer{[&] {
        slow.hear();
        auto const invite = slow.hear();   // again, after T1: the cancel is due by then
        slow.say(answer_to(invite, "180 Ringing"));
        while (!(cancel = slow.hear()).empty() && !cancel.starts_with("CANCEL ")) {}   // INVITEs that were sent again
        slow.say(answer_to(cancel, "200 OK"));
        slow.say(answer_to(invite, "487 Request Terminated"));
    }};
    cli::CallPlan plan{.target = "+918040000001", .server = slow.address(), .cancel_after = 100ms};
    auto const started = std::chrono::steady_clock::now();
    auto const report = cli::call(std::move(plan), [](json::object const&) {});
    CHECK(std::chrono::steady_clock::now() - started < 3s);
    peer.join();
    REQUIRE(report);
    CHECK(cancel.starts_with("CANCEL "));
    CHECK_FALSE(report->answered);
}

TEST_CASE("a BYE that is lost is sent again before the phone is gone") {
    Peer lossy;
    std::string again;
    std::thread peer{[&] {
        auto ok = answer_to(lossy.hear(), "200 OK");
        std::string const sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n";
        auto const contact = "Contact: <sip:peer@127.0.0.1:" + std::to_string(lossy.address().port) + ">\r\nContent-Type: application/sdp\r\n";
        ok.replace(ok.find("Content-Length: 0"), 17, contact + "Content-Length: " + std::to_string(sdp.size()));
        lossy.say(ok + sdp);
        while (!(again = lossy.hear()).empty() && !again.starts_with("BYE ")) {}
        again = lossy.hear();
        lossy.say(answer_to(again, "200 OK"));
    }};
    cli::CallPlan plan{.target = "+918040000001", .server = lossy.address(), .hang_up_after = 100ms};
    auto const started = std::chrono::steady_clock::now();
    auto const report = cli::call(std::move(plan), [](json::object const&) {});
    CHECK(std::chrono::steady_clock::now() - started < 3s);
    peer.join();
    REQUIRE(report);
    CHECK(report->answered);
    CHECK(again.starts_with("BYE "));
}
