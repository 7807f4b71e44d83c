#include "base/address.hpp"

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("a network is one IPv4 address or the /64 of an IPv6 host, whatever the port") {
    auto const network = [](char const* text) { return network_of(*Address::parse_host_port(text)); };
    CHECK(network("192.0.2.1:1").text() == "192.0.2.1:0");
    CHECK(network("192.0.2.1:1") != network("192.0.2.2:1"));
    CHECK(network("[2001:db8:0:1::1]:1").text() == "[2001:db8:0:1::]:0");
    CHECK(network("[2001:db8:0:1:2:3:4:5]:2") == network("[2001:db8:0:1::1]:1"));
    CHECK(network("[2001:db8:0:2::1]:1") != network("[2001:db8:0:1::1]:1"));
}
