#include "cli/softphone/server.hpp"

#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("a server is an address or a name, and a port") {
    for (auto const& [text, address, name] :
         {std::tuple{"127.0.0.1:5060", "127.0.0.1:5060", ""}, {"[::1]:5070", "[::1]:5070", ""}, {"localhost:5061", "127.0.0.1:5061", "localhost"}}) {
        CAPTURE(text);
        auto const server = cli::find_server(text);
        REQUIRE(server);
        CHECK(server->address.text() == address);
        CHECK(server->name == name);
    }
}

TEST_CASE("what is no server is a mistake, a name that leads nowhere is out of reach") {
    for (auto const* const text : {"", "127.0.0.1", "localhost", ":5060", "localhost:", "localhost:0", "localhost:70000", "localhost:5060x"}) {
        CAPTURE(text);
        CHECK(cli::find_server(text).error().code == Errc::invalid);
    }
    CHECK(cli::find_server("nobody.invalid:5060").error().code == Errc::unavailable);   // RFC 6761 6.4: never a name
}
