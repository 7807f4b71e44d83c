// Every row of tests/corpus/egress-urls.jsonl has its verdict at its stage, with a scripted resolver and server.
#include <fstream>

#include <doctest/doctest.h>

#include "base/json.hpp"
#include "support/certificates.hpp"
#include "support/egress_stage.hpp"

using namespace boni;

namespace {

struct Row {
    std::string url, verdict, why, stage, reply;
    egress::Use use;
    std::deque<std::vector<std::string>> dns;
};

std::vector<Row> corpus() {
    std::ifstream in{"tests/corpus/egress-urls.jsonl"};
    std::vector<Row> rows;
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) continue;
        // Raw: some rows hold what our own strict reader refuses to take from a customer.
        auto const value = boost::json::parse(line).as_object();
        auto const text = [&](char const* name) { return value.contains(name) ? std::string{value.at(name).as_string()} : std::string{}; };
        Row row{text("url"), text("verdict"), text("why"), text("stage"), text("reply"), *from_name<egress::Use>(text("type")), {}};
        if (value.contains("dns"))
            for (auto const& answer : value.at("dns").as_array()) {
                auto& list = row.dns.emplace_back();
                for (auto const& address : answer.as_array()) list.emplace_back(address.as_string());
            }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::string host_of(Row const& row) { return egress::check_url(row.url, {}, row.use)->host; }

}  // namespace

TEST_CASE("every row of the corpus has its verdict at its stage") {
    auto const rows = corpus();
    REQUIRE(rows.size() == 319);
    egress::Policy const policy;
    test::Certificates certificates;
    egress::Policy const trusting{.ca_file = certificates.ca_file()};
    for (auto const& row : rows) {
        CAPTURE(row.url);
        CAPTURE(row.why);
        auto const accepted = row.verdict == "accept";
        auto const url = egress::check_url(row.url, policy, row.use);
        if (row.stage == "parse") {
            CHECK(url.has_value() == accepted);
            if (!url) CHECK(url.error().token == "unsafe_url");
            continue;
        }
        REQUIRE(url.has_value());
        asio::io_context io;
        test::ScriptedResolver resolver;
        resolver.answers[host_of(row)] = row.dns;
        if (row.stage == "resolve") {
            CHECK(test::run(io, egress::resolve_vetted(resolver, policy, *url, row.use)).has_value() == accepted);
            continue;
        }
        test::RawServer server{io, url->tls && row.use != egress::Use::wss ? certificates.leaf("DNS:" + url->host) : std::string{}};
        test::LoopbackDialer dialer{server.port()};
        if (row.stage == "redirect") {
            server.replies = {{row.reply, false}};
            egress::HttpClient client{io.get_executor(), trusting, resolver, dialer};
            auto const answer = test::run(io, client.send({.use = row.use, .url = row.url}));
            REQUIRE(answer.has_value());
            CHECK((answer->status < 300) == accepted);
            CHECK(egress::header_of(*answer, "location").empty());
            CHECK(egress::header_of(*answer, "alt-svc").empty());
            CHECK(dialer.dialled.size() == 1);
            continue;
        }
        REQUIRE(row.stage == "connect");   // each lookup is an attempt of its own; the last one has turned private
        for (auto attempt = 1uz; attempt < row.dns.size(); ++attempt)
            CHECK(test::run(io, egress::resolve_vetted(resolver, policy, *url, row.use)).has_value());
        auto const last = test::run(io, egress::resolve_vetted(resolver, policy, *url, row.use));
        CHECK(last.has_value() == accepted);
        if (!last) CHECK(last.error().token == "egress_blocked");
    }
}
