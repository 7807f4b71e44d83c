#include "egress/host.hpp"

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("a host is shown with its port and without path or query") {
    CHECK(egress::host_of("http://a.example.com:8080/x?y") == "a.example.com:8080");
    CHECK(egress::host_of("https://a.example.com?q") == "a.example.com");
}
