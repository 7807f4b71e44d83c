#include "cli/shell/operator_client.hpp"

#include <iostream>
#include <sstream>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

#include "support/temp_store.hpp"

using namespace boni;

namespace {

using local = boost::asio::local::stream_protocol;

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

/// `boni list --json --socket <path>`.
int list(std::string const& path) {
    cli::Arguments arguments{command};
    cli::OperatorClient client{arguments};
    arguments.require_subcommand(0);
    char const* const words[] = {"--json", "--socket", path.c_str()};
    REQUIRE_FALSE(arguments.read(words));
    return client.list("/v1/numbers", {});
}

}  // namespace

TEST_CASE("an operator API whose port there is not is a mistake, not another port") {
    for (char const* const url : {"http://127.0.0.1:65537", "http://127.0.0.1:0", "http://127.0.0.1:http", "http://127.0.0.1:"}) {
        CAPTURE(url);
        cli::Arguments arguments{command};
        cli::OperatorClient client{arguments};
        arguments.require_subcommand(0);
        char const* const words[] = {"--operator-api", url};
        REQUIRE_FALSE(arguments.read(words));
        std::ostringstream said;
        auto* const err = std::cerr.rdbuf(said.rdbuf());
        auto const code = client.ask("GET", "/v1/tenants");
        std::cerr.rdbuf(err);
        CHECK(code == cli::exit_usage);
        CHECK(said.str() == "boni: '" + std::string{url} + "' names no port that there is\n");
    }
}

TEST_CASE("a word that is no UTF-8 is a mistake of who typed it") {
    cli::Arguments arguments{command};
    cli::OperatorClient client{arguments};
    std::ostringstream said;
    auto* const err = std::cerr.rdbuf(said.rdbuf());
    auto const code = client.ask("PATCH", "/v1/tenants/acme", json::object{{"displayName", "caf\xe9"}}, {});
    std::cerr.rdbuf(err);
    CHECK(code == cli::exit_usage);
    CHECK(said.str() == "boni: what is no UTF-8 cannot be sent\n");
}

TEST_CASE("a list is all of its pages, one after the other") {
    test::TempFolder const folder;
    auto const path = (folder.path / "admin.sock").string();
    boost::asio::io_context io;
    local::acceptor door{io, local::endpoint{path}};
    std::vector<std::string> asked;
    std::jthread const server{[&] {
        for (std::string const body : {R"({"data":[{"id":1},{"id":2}],"nextCursor":"c+1"})", R"({"data":[{"id":3}]})"}) {
            auto socket = door.accept();
            std::string in;
            boost::asio::read_until(socket, boost::asio::dynamic_buffer(in), "\r\n\r\n");
            asked.push_back(in.substr(0, in.find(" HTTP")));
            boost::asio::write(socket, boost::asio::buffer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
        }
    }};
    std::ostringstream shown;
    auto* const before = std::cout.rdbuf(shown.rdbuf());
    auto const exit = list(path);
    std::cout.rdbuf(before);
    CHECK(exit == cli::exit_ok);
    CHECK(shown.str() == R"({"data":[{"id":1},{"id":2},{"id":3}]})" "\n");
    CHECK(asked == std::vector<std::string>{"GET /v1/numbers?limit=100", "GET /v1/numbers?limit=100&cursor=c%2B1"});
}

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
