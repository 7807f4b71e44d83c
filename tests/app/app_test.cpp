#include "app/early_signals.hpp"
#include "support/descriptor.hpp"
#include "support/running_app.hpp"

using namespace boni;
using test::member;

TEST_CASE("the process answers health, readiness and metrics, and SIGTERM ends it with 0") {
    test::TempFolder folder;
    test::RunningApp app{test::loopback_config(folder.path)};
    CHECK(app.metrics("/healthz").body == "ok\n");
    for (auto const* const path : {"/healthz", "/readyz"}) CHECK(app.public_api("POST", path, {}).status == 405);
    auto const ready = app.metrics("/readyz");
    CHECK(ready.status == 200);
    CHECK(member(ready, {"database"}) == "true");
    CHECK(app.public_api("GET", "/readyz", {}).status == 200);
    auto const metrics = app.metrics("/metrics");
    CHECK(metrics.at("content-type").starts_with("text/plain; version=0.0.4"));
    CHECK(metrics.body.find("boni_build_info{version=\"") != std::string::npos);
    CHECK(app.public_api("GET", "/elsewhere", {}).status == 404);
    CHECK(app.metrics("/v1/me").status == 404);
    auto const document = app.public_api("GET", "/openapi.json", {});
    CHECK(document.at("content-type") == "application/json");
    CHECK(member(document, {"paths", "/usage", "get", "responses", "200", "content", "application/json", "schema", "$ref"}) ==
          "#/components/schemas/UsageSummary");
    CHECK(app.stop() == 0);
}

TEST_CASE("SIGTERM that comes before anybody listens for it ends the process with 0 too") {
    test::TempFolder folder;
    auto code = -1;
    std::thread{[&] {
        app::hold_signals();
        ::pthread_kill(::pthread_self(), SIGTERM);
        code = app::run(test::loopback_config(folder.path));
    }}.join();
    CHECK(code == 0);
}

TEST_CASE("a port that is taken is told and ends the start with 1") {
    test::TempFolder folder;
    test::RunningApp first{test::loopback_config(folder.path / "")};
    auto config = test::loopback_config(folder.path);
    config.http.listen = first.at.http;
    config.operators.admin_socket.clear();
    config.store.file = folder.path / "other.db";
    CHECK(app::run(std::move(config)) == 1);
    CHECK(first.public_api("GET", "/healthz", {}).status == 200);
}

TEST_CASE("what the operator made is there after a restart, the trunk's secret included") {
    test::TempFolder folder;
    std::string key;
    {
        test::RunningApp app{test::loopback_config(folder.path)};
        REQUIRE(app.admin("POST", "/v1/tenants", R"({"key":"acme","test":true})").status == 201);
        key = member(app.admin("POST", "/v1/tenants/acme/keys", R"({"name":"shop"})"), {"apiKey"});
        REQUIRE(app.public_api("GET", "/v1/me", key).status == 200);
        auto const put = app.admin("PUT", "/v1/trunks/carrier",
            R"({"kind":"register","test":true,"targets":[{"host":"127.0.0.1","port":9}],"auth":{"user":"u","secret":"hidden-word"},"health":{"every_seconds":0}})");
        CHECK(put.status == 201);
        CHECK(put.body.find("hidden-word") == std::string::npos);
    }
    test::RunningApp app{test::loopback_config(folder.path)};
    CHECK(member(app.public_api("GET", "/v1/me", key), {"key"}) == "acme");
    auto const trunks = app.admin("GET", "/v1/trunks");
    CHECK(member(trunks, {"data", "0", "name"}) == "carrier");
    CHECK_MESSAGE(!member(trunks, {"data", "0", "state", "up"}).empty(), "SIP uses it, so its secret could be opened");
    CHECK(trunks.body.find("hidden-word") == std::string::npos);
}

TEST_CASE("a lost master key is replaced when the operator says so, and a trunk whose password it sealed is not used") {
    test::TempFolder folder;
    {
        test::RunningApp app{test::loopback_config(folder.path)};
        REQUIRE(app.admin("PUT", "/v1/trunks/carrier",
            R"({"kind":"register","targets":[{"host":"127.0.0.1","port":9}],"auth":{"user":"u","secret":"s"},"health":{"every_seconds":0}})").status == 201);
    }
    std::filesystem::remove(folder.path / "master.key");
    auto config = test::loopback_config(folder.path);
    CHECK(app::run(config, {}) == 1);
    config.security.master_key_lost = true;
    test::RunningApp app{config};
    CHECK(member(app.admin("GET", "/v1/trunks"), {"data", "0", "state"}).empty());
}

TEST_CASE("an address that no interface has ends the start, be it of SIP or of RTP, and so does a file of authorities that is none") {
    test::TempFolder folder;
    auto const elsewhere = *Address::parse("192.0.2.1", 5060);   // TEST-NET-1
    for (auto const change : std::initializer_list<void (*)(app::Config&, Address const&)>{
             [](app::Config& config, Address const& address) { config.sip.listen = address; },
             [](app::Config& config, Address const& address) { config.media.bind_address = address.ip_text(); },
             [](app::Config& config, Address const&) { config.sip.outbound_ca_file = "/none.pem"; }}) {
        auto config = test::loopback_config(folder.path);
        change(config, elsewhere);
        auto code = 0;
        auto const said = test::on_standard_error([&] { code = app::run(std::move(config)); });
        CHECK(code == 1);
        CHECK_MESSAGE((said.contains("Cannot assign requested address") || said.contains("/none.pem")), said);
    }
}
