#include "base/address.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace std::string_view_literals;

TEST_CASE("a network is one IPv4 address or the /64 of an IPv6 host, whatever the port") {
    auto const network = [](char const* text) { return network_of(*Address::parse_host_port(text)); };
    CHECK(network("192.0.2.1:1").text() == "192.0.2.1:0");
    CHECK(network("192.0.2.1:1") != network("192.0.2.2:1"));
    CHECK(network("[2001:db8:0:1::1]:1").text() == "[2001:db8:0:1::]:0");
    CHECK(network("[2001:db8:0:1:2:3:4:5]:2") == network("[2001:db8:0:1::1]:1"));
    CHECK(network("[2001:db8:0:2::1]:1") != network("[2001:db8:0:1::1]:1"));
}

TEST_CASE("an address is all of its text") {
    CHECK(Address::parse("192.0.2.1", 0).value_or(Address{}).text() == "192.0.2.1:0");
    CHECK(Address::parse_host_port("[2001:db8::1]:5060").value_or(Address{}).text() == "[2001:db8::1]:5060");
    CHECK_FALSE(Address::parse("", 0));
    CHECK_FALSE(Address::parse("192.0.2.1 ", 0));
    CHECK_FALSE(Address::parse("192.0.2", 0));
    CHECK_FALSE(Address::parse("192.0.2.1\0.example.com"sv, 0));
    CHECK_FALSE(Address::parse("::1\0"sv, 0));
}
