// TCP connections that strangers hold: few, and not for long; those of trunks stay.
#include <doctest/doctest.h>

#include <boost/asio/write.hpp>

#include "base/fd.hpp"
#include "support/sip_peer.hpp"

using namespace boni;
using namespace boni::test;

namespace {

using Tcp = asio::ip::tcp;

/// A connection from 127.0.0.`last` that notices its end.
struct Stream {
    Stream(Loop& loop, Address const& to, int last) : socket{loop.io} {
        socket.open(Tcp::v4());
        socket.bind({asio::ip::make_address(fmt::format("127.0.0.{}", last)), 0});
        socket.connect({asio::ip::make_address(to.ip_text()), to.port});
        socket.async_read_some(asio::buffer(byte), [this](boost::system::error_code error, std::size_t) { over = error.failed(); });
    }
    Tcp::socket socket;
    std::array<char, 4096> byte{};
    bool over = false;
};

std::size_t open(std::vector<std::unique_ptr<Stream>> const& streams) {
    return std::size_t(std::ranges::count_if(streams, [](auto const& one) { return !one->over; }));
}

Trunk carrier() {
    auto trunk = loopback_trunk();
    trunk.addresses = {*Cidr::parse("127.0.0.9/32")};
    return trunk;
}

}  // namespace

TEST_CASE("of too many connections of strangers the oldest of the largest crowd are closed, a trunk's are not") {
    Loop loop;
    Phone phone{loop, {.streams = {.strangers_max = 6}}, {carrier()}};
    auto const to = phone.endpoint.udp();
    std::vector<std::unique_ptr<Stream>> crowd, few, trunk;
    for (int i = 0; i < 2; ++i) few.push_back(std::make_unique<Stream>(loop, to, 3));
    for (int i = 0; i < 9; ++i) trunk.push_back(std::make_unique<Stream>(loop, to, 9));
    for (int i = 0; i < 12; ++i) crowd.push_back(std::make_unique<Stream>(loop, to, 2));
    REQUIRE(loop.until([&] { return open(crowd) <= 4; }));
    CHECK(open(crowd) == 4);
    CHECK(open(few) == 2);
    CHECK(open(trunk) == 9);
}

TEST_CASE("a stranger's connection ends after its time, whatever was said on it") {
    Loop loop;
    Phone phone{loop, {.streams = {.stranger_time = 1s}}, {carrier()}};
    SipPeer peer{loop};
    auto const to = phone.endpoint.udp();
    Stream talker{loop, to, 2}, trunk{loop, to, 9};
    asio::write(talker.socket, asio::buffer(peer.request({.to = to, .method = "OPTIONS", .transport = "TCP"})));
    REQUIRE(loop.until([&] { return talker.byte[0] == 'S'; }));   // greeted
    bool over = false;
    talker.socket.async_read_some(asio::buffer(talker.byte), [&](boost::system::error_code failed, std::size_t) { over = failed.failed(); });
    CHECK(loop.until([&] { return over; }));
    CHECK_FALSE(trunk.over);
}

TEST_CASE("looked at is what the listeners' loop waits for, and nothing else of the process") {
    Loop loop;
    Tcp::acceptor door{loop.io, {asio::ip::make_address("127.0.0.1"), 0}};
    auto const to = *Address::parse("127.0.0.1", door.local_endpoint().port());
    Streams streams{{.stranger_time = 0s}};
    auto const look = [&] { return streams.look({to}, [](Address const&) { return false; }, system_clock().steady()); };
    CHECK(look() == 0);
    Stream first{loop, to, 2}, second{loop, to, 3};
    Tcp::socket waited = door.accept();
    auto const ours = Fd{::accept4(door.native_handle(), nullptr, nullptr, SOCK_CLOEXEC)};
    REQUIRE(ours);
    CHECK(look() == 1);
    REQUIRE(loop.until([&] { return first.over || second.over; }));
    CHECK(first.over != second.over);
}
