#include "cli/softphone/phone.hpp"

#include <csignal>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <doctest/doctest.h>

using namespace boni;

TEST_CASE("whoever interrupts a call twice does not wait for a peer that says nothing") {
    boost::asio::io_context io;
    boost::asio::ip::udp::socket const silent{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
    cli::CallPlan plan{.target = "+918040000001", .server = *Address::parse("127.0.0.1", silent.local_endpoint().port())};
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
