#include "egress/http_client.hpp"

#include <doctest/doctest.h>

#include "support/certificates.hpp"
#include "support/egress_stage.hpp"

using namespace boni;
using egress::HttpRequest;
using egress::Use;

namespace {

constexpr auto ok = test::ClientStage::ok;
using Stage = test::ClientStage;

}  // namespace

TEST_CASE("what goes on the wire is made of our parts, and the answer comes back with its times") {
    Stage stage;
    auto const answer = stage.send({.headers = {{"X-Boni-Attempt", "1"}}, .body = "{}"});
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "ok");
    CHECK(answer->timings.remote == *Address::parse("93.184.215.14", 80));
    auto const& sent = stage.server.requests.at(0);
    CHECK(sent.starts_with("POST /path?q=1 HTTP/1.1\r\nHost: hook.example.com\r\n"));
    CHECK(sent.find("X-Boni-Attempt: 1\r\n") != std::string::npos);
    CHECK(sent.find("Accept-Encoding: identity\r\n") != std::string::npos);
    CHECK(sent.ends_with("\r\n\r\n{}"));
}

TEST_CASE("a server is told what is left of the time when the request is written, not when its connection was begun") {
    Stage stage;
    stage.dialer.slow = 300ms;
    REQUIRE(stage.send({.total_timeout = 2s, .deadline_header = "X-Boni-Deadline-Ms"}));
    REQUIRE(stage.send({.total_timeout = 2s, .deadline_header = "X-Boni-Deadline-Ms"}));   // over the same connection
    auto const left = [&](std::size_t request) {
        auto const& sent = stage.server.requests.at(request);
        return std::stoi(sent.substr(sent.find("X-Boni-Deadline-Ms: ") + 20));
    };
    CHECK(left(0) <= 1700);
    CHECK(left(0) > 500);
    CHECK(left(1) > 1700);
    CHECK(left(1) <= 2000);
}

TEST_CASE("a body is read only once there is room for it, and what says there is none is the answer") {
    Stage stage;
    std::vector<std::optional<std::uint64_t>> asked;
    HttpRequest request;
    request.before_body = [&](std::optional<std::uint64_t> declared) -> Task<Result<>> {
        asked.push_back(declared);
        if (declared == 2) co_return Result<>{};
        co_return fail(Errc::limit, "full", {}, "overloaded");
    };
    CHECK(stage.send(request)->body == "ok");
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"}};
    CHECK(stage.send(request).error().token == "overloaded");
    CHECK(asked == std::vector<std::optional<std::uint64_t>>{2, std::nullopt});
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"}};
    CHECK(stage.send(request).error().token == "too_large");   // nobody is asked for room for what is refused
    CHECK(asked.size() == 2);
}

TEST_CASE("a connection is kept and used again, but only while its address is in the new answer, and never for another tenant") {
    Stage stage;
    REQUIRE(stage.send());
    auto const second = stage.send();
    CHECK(second->timings.reused);
    CHECK(stage.server.connections == 1);
    CHECK(stage.resolver.asked == 2);

    stage.resolver.answers["hook.example.com"] = {{"93.184.215.15"}};
    CHECK_FALSE(stage.send()->timings.reused);
    CHECK(stage.server.connections == 2);
    CHECK_FALSE(stage.send({.tenant = "other"})->timings.reused);

    stage.resolver.answers["hook.example.com"] = {{"10.0.0.1"}};
    auto const blocked = stage.send();
    REQUIRE_FALSE(blocked);
    CHECK(blocked.error().token == "egress_blocked");
    CHECK(stage.server.requests.size() == 4);
}

TEST_CASE("a kept connection that died in the meantime is replaced once, silently") {
    Stage stage;
    stage.server.replies = {{ok, true}, {ok}};   // keeps-alive by its word, then closes
    REQUIRE(stage.send());
    auto const second = stage.send();
    REQUIRE(second);
    CHECK(stage.server.connections == 2);
}

TEST_CASE("one private address among public ones refuses them all, and nothing is dialled") {
    Stage stage;
    for (auto const* bad : {"10.0.0.1", "127.0.0.1", "169.254.169.254", "::ffff:93.184.215.14", "fd00::1", "64:ff9b::5db8:d70e"}) {
        CAPTURE(bad);
        stage.resolver.answers["hook.example.com"] = {{"93.184.215.14", bad}};
        auto const answer = stage.send();
        REQUIRE_FALSE(answer);
        CHECK(answer.error().token == "egress_blocked");
    }
    CHECK(stage.dialer.dialled.empty());
}

TEST_CASE("when the first address refuses, the next is dialled") {
    Stage stage;
    stage.resolver.answers["hook.example.com"] = {{"93.184.215.14", "93.184.215.15"}};
    stage.dialer.dead = {"93.184.215.14"};
    auto const answer = stage.send();
    REQUIRE(answer);
    CHECK(answer->timings.remote.ip_text() == "93.184.215.15");
    stage.dialer.dead = {"93.184.215.14", "93.184.215.15"};
    stage.client.close_idle();
    CHECK(stage.send().error().token == "connect");
}

TEST_CASE("an address to avoid goes last; the others keep their order") {
    Stage stage;
    stage.resolver.answers["hook.example.com"] = {{"93.184.215.14", "93.184.215.15", "93.184.215.16"}};
    stage.dialer.dead = {"93.184.215.15"};
    auto const answer = stage.send({.avoid = *Address::parse("93.184.215.14", 80)});
    CHECK(answer->timings.remote.ip_text() == "93.184.215.16");
    CHECK(stage.dialer.dialled.front().ip_text() == "93.184.215.15");
}

TEST_CASE("a kept connection to an address to avoid is not used while the name has another") {
    Stage stage;
    auto const first = *Address::parse("93.184.215.14", 80);
    REQUIRE(stage.send());
    CHECK(stage.send({.avoid = first})->timings.reused);
    stage.resolver.answers["hook.example.com"] = {{"93.184.215.14", "93.184.215.15"}};
    auto const answer = stage.send({.avoid = first});
    CHECK_FALSE(answer->timings.reused);
    CHECK(answer->timings.remote.ip_text() == "93.184.215.15");
}

TEST_CASE("each way to answer badly has its token") {
    struct { std::string reply; bool close; char const* token; } const rows[] = {
        {"", true, "connect"},
        {"SSH-2.0-OpenSSH\r\n\r\n", true, "connect"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true, "connect"},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", false, "connect"},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok", false, "bad_content_type"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'), false, "too_large"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n" + std::string(20'000, 'x') + "\r\n0\r\n\r\n", false, "too_large"},
        {"HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", false, "too_large"},
    };
    for (auto const& row : rows) {
        CAPTURE(row.reply.substr(0, 60));
        Stage stage;
        stage.server.replies = {{row.reply, row.close}};
        auto const answer = stage.send();
        REQUIRE_FALSE(answer);
        CHECK(answer.error().token == row.token);
        CHECK(answer.error().what.find("hook.example.com") == std::string::npos);
    }
}

TEST_CASE("a longer body can be cut instead, and the status counts") {
    Stage stage;
    stage.server.replies = {{"HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x')}};
    auto const answer = stage.send({.body_max = 512, .oversize = HttpRequest::Oversize::cut});
    REQUIRE(answer);
    CHECK(answer->status == 500);
    CHECK(answer->body.size() == 512);
    CHECK_FALSE(stage.send({.body_max = 512, .oversize = HttpRequest::Oversize::cut})->timings.reused);
}

TEST_CASE("where the status counts, a body that breaks off is one that was cut") {
    for (std::string const body : {"Content-Length: 10\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nno chunk", "Content-Length: 10\r\n\r\n"}) {
        CAPTURE(body);
        Stage stage;
        stage.server.replies = {{"HTTP/1.1 410 Gone\r\n" + body, true}};
        auto const answer = stage.send({.oversize = HttpRequest::Oversize::cut});
        REQUIRE(answer);
        CHECK(answer->status == 410);
        CHECK(std::string{"half"}.starts_with(answer->body));
    }
}

TEST_CASE("an error counts by its status, however long its page is and wherever it breaks off") {
    auto const page = std::string(100'000, 'x');
    for (auto const& body : {"Content-Length: 100000\r\n\r\n" + page, "Transfer-Encoding: chunked\r\n\r\n186a0\r\n" + page + "\r\n0\r\n\r\n",
                             std::string{"Content-Length: 10\r\n\r\nhalf"}}) {
        CAPTURE(body.substr(0, 40));
        Stage stage;
        stage.server.replies = {{"HTTP/1.1 410 Gone\r\n" + body, body.ends_with("half")}};
        auto const answer = stage.send({.body_max = 512});
        REQUIRE(answer);
        CHECK(answer->status == 410);
        CHECK(answer->body.size() <= 512);
        CHECK_FALSE(stage.send({.body_max = 512})->timings.reused);
    }
}

TEST_CASE("an error whose page stands still counts by its status, long before the time is over") {
    Stage stage;
    stage.server.replies = {{"HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\nhalf"}, {ok}};
    auto const began = std::chrono::steady_clock::now();
    auto const answer = stage.send({.total_timeout = 5s});
    CHECK(std::chrono::steady_clock::now() - began < 3s);
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->body == "half");
    CHECK_FALSE(stage.send({.total_timeout = 5s})->timings.reused);
}

TEST_CASE("what comes between the pieces of a body and behind it is bounded as well") {
    auto const endless = std::string(200'000, '0');
    for (auto const& body : {endless, "5;a=" + endless, "2\r\nok\r\n0\r\nX-A: " + endless, "2\r\nok\r\n0\r\n" + std::string(200'000, 'x')}) {
        CAPTURE(body.substr(0, 20));
        for (std::string const status : {"200 OK", "410 Gone"}) {
            Stage stage;
            stage.server.replies = {{"HTTP/1.1 " + status + "\r\nTransfer-Encoding: chunked\r\n\r\n" + body}};
            auto const answer = stage.send({.total_timeout = 2s});
            if (status == "410 Gone") REQUIRE(answer);
            else REQUIRE_FALSE(answer);
            if (answer) CHECK(answer->status == 410);
            else CHECK(answer.error().token == "too_large");
        }
    }
}

TEST_CASE("where the status counts, a body that does not come is one that was cut") {
    struct Row { std::string status; HttpRequest::Oversize oversize; };
    for (auto const& [status, oversize] : {Row{"200 OK", HttpRequest::Oversize::cut}, {"410 Gone", HttpRequest::Oversize::cut},
                                           {"503 Busy", HttpRequest::Oversize::refuse}}) {
        CAPTURE(status);
        Stage stage;
        stage.server.replies = {{"HTTP/1.1 " + status + "\r\nContent-Length: 10\r\n\r\nhalf"}};
        auto const answer = stage.send({.total_timeout = 300ms, .oversize = oversize});
        REQUIRE(answer);
        CHECK(std::to_string(answer->status) == status.substr(0, 3));
        CHECK(answer->body == "half");
        CHECK_FALSE(stage.send({.total_timeout = 300ms, .oversize = oversize})->timings.reused);
    }
    Stage stage;
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}};
    CHECK(stage.send({.total_timeout = 300ms}).error().token == "timeout");
}

TEST_CASE("a length that is only announced costs nothing, and what came is cut") {
    for (std::string const length : {"2305843009213693951", "1099511627776"})
        for (auto const pause : {0ms, 50ms}) {           // the body with the header, or later
            Stage stage;
            auto const header = "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n";
            stage.server.replies = {{header + std::string(header.size(), 'x'), false, pause}};
            auto const answer = stage.send({.body_max = 10, .oversize = HttpRequest::Oversize::cut});
            REQUIRE(answer);
            CHECK(answer->body == std::string(10, 'x'));
        }
}

TEST_CASE("silence and dripping end at their deadlines") {
    Stage stage;
    stage.server.replies = {{ok, false, 2s}};
    auto const started = std::chrono::steady_clock::now();
    auto const answer = stage.send({.total_timeout = 200ms});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().token == "timeout");
    CHECK(std::chrono::steady_clock::now() - started < 1s);
}

TEST_CASE("an interim answer is not the answer") {
    Stage stage;
    stage.server.replies = {{std::string{"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"} + ok}};
    CHECK(stage.send()->status == 200);
}

TEST_CASE("a header of ours that could be two is refused before anything is sent") {
    Stage stage;
    using Header = std::pair<std::string, std::string>;
    for (auto const& bad : {Header{"X-A", "1\r\nX-B: 2"}, Header{"X A", "1"}, Header{"", "1"}, Header{"Host", "evil"}, Header{"content-length", "0"}}) {
        auto const answer = stage.send({.headers = {bad}});
        REQUIRE_FALSE(answer);
        CHECK(answer.error().token == "invalid_request");
    }
    CHECK(stage.server.connections == 0);
}

TEST_CASE("TLS is verified against the name, and a certificate for another name is refused") {
    asio::io_context io;
    test::Certificates certificates;
    test::ScriptedResolver resolver;
    resolver.answers["good.example.com"] = {{"93.184.215.14"}};
    resolver.answers["bad.example.com"] = {{"93.184.215.14"}};
    test::RawServer server{io, certificates.leaf("DNS:good.example.com")};
    server.replies = {{ok}};
    test::LoopbackDialer dialer{server.port()};
    egress::Policy const trusting{.ca_file = certificates.ca_file()};
    egress::HttpClient client{io.get_executor(), trusting, resolver, dialer};
    CHECK(test::run(io, client.send({.use = Use::https, .url = "https://good.example.com/"}))->status == 200);
    CHECK(test::run(io, client.send({.use = Use::https, .url = "https://bad.example.com/"})).error().token == "tls");
    egress::Policy const strict;
    egress::HttpClient wary{io.get_executor(), strict, resolver, dialer};
    CHECK(test::run(io, wary.send({.use = Use::https, .url = "https://good.example.com/"})).error().token == "tls");
}

TEST_CASE("a file of CA certificates that is none is named") {
    asio::io_context io;
    test::ScriptedResolver resolver;
    egress::Policy const policy{.ca_file = "/nowhere/ca.pem"};
    auto said = std::string{"nothing"};
    try {
        egress::HttpClient const client{io.get_executor(), policy, resolver};
    } catch (std::runtime_error const& error) {
        said = error.what();
    }
    CHECK(said.starts_with("egress.ca_file: '/nowhere/ca.pem' is not a file of CA certificates"));
}

TEST_CASE("in development loopback is reached by its own names alone, and never on our own ports") {
    asio::io_context io;
    test::ScriptedResolver resolver;
    resolver.answers["looks-public.example.com"] = {{"127.0.0.1"}};
    test::RawServer server{io};
    server.replies = {{ok}};
    auto const port = std::to_string(server.port());
    egress::Policy const dev{.allow_loopback = true, .own_ports = {8080}};
    egress::HttpClient client{io.get_executor(), dev, resolver};
    CHECK(test::run(io, client.send({.use = Use::https, .url = "http://127.0.0.1:" + port + "/"}))->status == 200);
    CHECK(test::run(io, client.send({.use = Use::https, .url = "http://localhost:" + port + "/"}))->status == 200);
    for (auto const& blocked : {"http://looks-public.example.com:" + port + "/", std::string{"http://127.0.0.1:8080/"}, "http://10.0.0.1:" + port + "/"})
        CHECK(test::run(io, client.send({.use = Use::http, .url = blocked})).error().token == "egress_blocked");
}

TEST_CASE("saving tells nothing of what was found") {
    Stage stage;
    stage.resolver.answers["private.example.com"] = {{"192.168.0.1"}};
    auto const missing = test::run(stage.io, stage.client.vet("https://missing.example.com/", Use::https));
    auto const hidden = test::run(stage.io, stage.client.vet("https://private.example.com/", Use::https));
    REQUIRE_FALSE(missing);
    REQUIRE_FALSE(hidden);
    CHECK(missing.error().what == hidden.error().what);
    CHECK(missing.error().token == "unsafe_url");
    CHECK(test::run(stage.io, stage.client.vet("https://hook.example.com/", Use::https)).has_value());
}

TEST_CASE("a body that is of no use is not waited for") {
    Stage stage;
    stage.server.replies = {{"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"}};
    auto const json_only = [](int status, std::string_view type) { return status != 200 || type == "application/json"; };
    auto const began = std::chrono::steady_clock::now();
    auto const answer = stage.send({.total_timeout = 5s, .of_use = json_only});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().token == "bad_content_type");
    stage.server.replies = {{"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"}};
    CHECK(stage.send({.of_use = json_only})->status == 503);
    CHECK(std::chrono::steady_clock::now() - began < 3s);
}
