#include "cli/shell/operator_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <doctest/doctest.h>

#include "support/temp_store.hpp"

using namespace boni;

namespace {

cli::Command const command{"ask", "asks", "boni ask", nullptr};

/// `boni ask --socket <path>`, with little patience.
int ask(std::string const& path) {
    cli::Arguments arguments{command};
    cli::OperatorClient client{arguments, std::chrono::milliseconds{50}};
    arguments.require_subcommand(0);
    char const* const words[] = {"--socket", path.c_str()};
    REQUIRE_FALSE(arguments.read(words));
    return client.ask("GET", "/v1/tenants");
}

}  // namespace

TEST_CASE("a server that takes the connection and says nothing is given up") {
    test::TempFolder const folder;
    auto const path = (folder.path / "admin.sock").string();
    boost::asio::io_context io;
    boost::asio::local::stream_protocol::acceptor const silent{io, boost::asio::local::stream_protocol::endpoint{path}};
    CHECK(ask(path) == cli::exit_unreachable);
}

TEST_CASE("a socket nobody listens on is told at once") {
    test::TempFolder const folder;
    CHECK(ask((folder.path / "admin.sock").string()) == cli::exit_unreachable);
}
