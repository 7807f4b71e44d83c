// A redirect leads nowhere, whatever asked, and is counted.
#include <doctest/doctest.h>

#include "base/metrics.hpp"
#include "egress/web_socket.hpp"
#include "support/egress_stage.hpp"

using namespace boni;

namespace {

constexpr auto elsewhere = "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n";

double redirects_refused(std::string const& type) {
    return metrics::counter("boni_egress_refused_total", "Destinations refused, by the stage that refused", {{"stage", "redirect"}, {"type", type}}).Value();
}

struct RedirectStage {
    asio::io_context io;
    test::ScriptedResolver resolver;
    test::RawServer server{io};
    egress::Policy policy{.allow_loopback = true};
    std::string place = "127.0.0.1:" + std::to_string(server.port()) + "/";

    RedirectStage() { server.replies = {{elsewhere}}; }
};

}  // namespace

TEST_CASE("a redirect of an HTTP server is an answer without its Location") {
    RedirectStage stage;
    egress::HttpClient client{stage.io.get_executor(), stage.policy, stage.resolver};
    auto const before = redirects_refused("https");
    auto const answer = test::run(stage.io, client.send({.use = egress::Use::https, .url = "http://" + stage.place}));
    REQUIRE(answer);
    CHECK(answer->status == 302);
    CHECK(egress::header_of(*answer, "location").empty());
    CHECK(redirects_refused("https") == before + 1);
}

TEST_CASE("a redirect instead of an upgrade has the name all redirects have") {
    RedirectStage stage;
    egress::WebSocketClient client{stage.policy, stage.resolver};
    auto const before = redirects_refused("wss");
    auto const socket = test::run(stage.io, client.open({.url = "ws://" + stage.place}));
    REQUIRE_FALSE(socket);
    CHECK(socket.error().token == "redirect_blocked");
    CHECK(redirects_refused("wss") == before + 1);
}
