// Too many connections: who gives way to whom.
#include <doctest/doctest.h>

#include <deque>

#include "http/session.hpp"
#include "support/running_server.hpp"

using namespace boni;
using namespace boni::test;
using http::WaitingRoom;
using Guest = WaitingRoom::Guest;

namespace {

constexpr auto plain_get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Task<http::Response> yes(http::Request&) { co_return http::ok({{"yes", true}}); }

Address from(char const* ip) { return *Address::parse(ip, 1); }

/// Sessions as names only: the room never looks into them.
http::Session& session(std::uintptr_t name) { return *reinterpret_cast<http::Session*>(name * 16); }

}  // namespace

TEST_CASE("who has waited longest of the largest crowd goes, those that never asked anything first") {
    WaitingRoom room;
    CHECK(room.who_goes() == nullptr);
    std::deque<WaitingRoom::Seat> seats;
    seats.emplace_back(room, session(1), from("10.0.0.1"), Guest::known);
    seats.emplace_back(room, session(2), from("10.0.0.1"), Guest::known);
    CHECK(room.who_goes() == &session(1));
    seats.emplace_back(room, session(3), from("10.0.0.2"), Guest::unproven);
    CHECK(room.who_goes() == &session(3));
    seats.emplace_back(room, session(4), from("10.0.0.3"), Guest::unproven);
    seats.emplace_back(room, session(5), from("10.0.0.3"), Guest::unproven);
    CHECK(room.who_goes() == &session(4));
    seats[3] = {};
    CHECK((room.who_goes() == &session(3) || room.who_goes() == &session(5)));
    seats[2] = {};
    CHECK(room.who_goes() == &session(5));
    seats[4] = {};
    seats[0] = WaitingRoom::Seat{room, session(1), from("10.0.0.1"), Guest::known};   // asked again: waits anew
    CHECK(room.who_goes() == &session(2));
    seats.clear();
    CHECK(room.who_goes() == nullptr);
}

TEST_CASE("the addresses of one IPv6 host are one crowd") {
    WaitingRoom room;
    std::deque<WaitingRoom::Seat> seats;
    seats.emplace_back(room, session(1), from("10.0.0.1"), Guest::unproven);
    seats.emplace_back(room, session(2), from("10.0.0.1"), Guest::unproven);
    for (std::uintptr_t name = 3; name < 6; ++name)
        seats.emplace_back(room, session(name), from(("2001:db8::" + std::to_string(name)).c_str()), Guest::unproven);
    CHECK(room.who_goes() == &session(3));
}

TEST_CASE("connections that say nothing lose their place, one that has asked before keeps it") {
    http::Limits limits;
    limits.connections_max = 8;
    RunningServer server{yes, limits};
    RawHttp customer{server.address};
    CHECK(customer.ask(plain_get).status == 200);
    std::deque<RawHttp> slow;
    for (int i = 0; i < 7; ++i) slow.emplace_back(server.address).send("GET / HT");
    REQUIRE(server.has_connections(8));
    for (int i = 0; i < 20; ++i) slow.emplace_back(server.address).send("GET / HT");
    CHECK(slow.front().closed());
    RawHttp another{server.address};
    CHECK(another.ask(plain_get).status == 200);
    CHECK(customer.ask(plain_get).status == 200);
    REQUIRE(server.has_connections(8));
}
