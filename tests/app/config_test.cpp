#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "app/config.hpp"

using namespace boni;
using app::Environment;

namespace {

std::string refusal(std::string_view toml, Environment const& environment = {}) {
    auto const config = app::parse(toml, "boni.toml", environment);
    return config ? std::string{"accepted"} : config.error().what;
}

}  // namespace

TEST_CASE("an empty file gives the defaults") {
    auto const config = app::parse("", "boni.toml", {});
    REQUIRE(config);
    CHECK(config->sip.listen.text() == "0.0.0.0:5060");
    CHECK(config->process.drain_seconds == 600);
    CHECK_FALSE(config->egress.allow_loopback);
}

TEST_CASE("the file sets fields and the environment wins over it") {
    auto const config = app::parse("[sip]\nlisten = \"192.0.2.1:5070\"\nsessions_max = 10\n[http]\nrate_limits = false\n", "boni.toml",
                                   {{"BONI_SIP__SESSIONS_MAX", "20"}, {"BONI_EGRESS__OWN_ADDRESSES", "192.0.2.9,192.0.2.10"}, {"BONI_API_KEY", "x"}});
    REQUIRE(config);
    CHECK(config->sip.listen.text() == "192.0.2.1:5070");
    CHECK(config->sip.sessions_max == 20);
    CHECK_FALSE(config->http.rate_limits);
    CHECK(config->egress.own_addresses == std::vector<std::string>{"192.0.2.9", "192.0.2.10"});
}

TEST_CASE("what is no setting is refused with its place and the nearest word") {
    CHECK(refusal("\n[sip]\nlisen = \"0.0.0.0:5060\"\n") == "boni.toml:3: sip.lisen is not a setting; did you mean sip.listen?");
    CHECK(refusal("[spi]\n") == "boni.toml:1: [spi] is not a section; did you mean [sip]?");
    CHECK(refusal("sip = 1\n") == "boni.toml:1: [sip] is not a section; did you mean [sip]?");
    CHECK(refusal("", {{"BONI_SIP__LISEN", "x"}}) == "BONI_SIP__LISEN is not a setting; did you mean BONI_SIP__LISTEN?");
    CHECK(refusal("", {{"BONI_SIP_LISTEN", "x"}}) == "BONI_SIP_LISTEN is not a setting; did you mean BONI_SIP__LISTEN?");
    CHECK(app::parse("", "boni.toml", {{"BONI_OPERATOR_KEY", "x"}}));
    CHECK(refusal("[sip]\nlisten = \"a\nb\"\n").starts_with("boni.toml:2: "));
}

TEST_CASE("bad values are refused with their place and what is expected") {
    CHECK(refusal("[sip]\n\nsessions_max = 0\n") == "boni.toml:3: sip.sessions_max must be a whole number from 1 to 100000, not 0");
    CHECK(refusal("[sip]\nsessions_max = \"9\"\n") == "boni.toml:2: sip.sessions_max must be a whole number from 1 to 100000");
    CHECK(refusal("[sip]\nlisten = \"example.com:5060\"\n") ==
          "boni.toml:2: sip.listen must be a literal address and a port, e.g. \"127.0.0.1:5060\", not \"example.com:5060\"");
    CHECK(refusal("[process]\nlog_level = \"inf\"\n") ==
          "boni.toml:2: process.log_level must be one of debug, info, warning, error, not \"inf\"; did you mean \"info\"?");
    CHECK(refusal("[egress]\nown_addresses = [1]\n") == "boni.toml:2: egress.own_addresses is of no type that a setting has");
    CHECK(refusal("", {{"BONI_MEDIA__PIN_THREADS", "yes"}}) == "BONI_MEDIA__PIN_THREADS: must be true or false");
    CHECK(refusal("", {{"BONI_MEDIA__PORT_LAST", "12x"}}) == "BONI_MEDIA__PORT_LAST: must be a whole number");
}

TEST_CASE("fields that contradict each other are refused") {
    CHECK(refusal("[media]\nport_first = 20001\n").starts_with("media.port_first must be even"));
    CHECK(refusal("[sip]\ntls_listen = \"0.0.0.0:5061\"\n") == "sip.tls_listen needs sip.tls_pem_file");
    CHECK(refusal("[egress]\nallow_loopback = true\n[http]\nlisten = \"0.0.0.0:8080\"\n").starts_with("egress.allow_loopback is for development"));
    CHECK(refusal("[egress]\nallow_loopback = true\n") == "accepted");
    CHECK(refusal("[sip]\nrealm = \"\"\n").starts_with("sip.realm must have 1 to 128"));
    CHECK(refusal("[sip]\nrealm = 'a\"b'\n").starts_with("sip.realm must have 1 to 128"));
    CHECK(refusal("[sip]\nrealm = \"pbx.example.com\"\ndigest_md5 = false\n") == "accepted");
    CHECK(refusal("[sip]\nlisten = \"[::]:5060\"\n").starts_with("media.bind_address 0.0.0.0 and sip.listen [::]:5060 are of two families"));
    CHECK(refusal("[media]\nbind_address = \"\"\n") == "media.bind_address is needed");
    CHECK(refusal("[sip]\nlisten = \"[::]:5060\"\n[media]\nbind_address = \"::\"\n") == "accepted");
    CHECK(refusal("[sip]\npublic_address = \"example.com\"\n") == "sip.public_address must be a literal IP address, not \"example.com\"");
}

TEST_CASE("public_url is what the addresses that customers get can begin with") {
    auto const with = [](std::string_view url) { return refusal("[http]\npublic_url = '" + std::string{url} + "'\n"); };
    for (auto const* const good : {"", "https://voice.example.com", "http://127.0.0.1:8080", "https://[2001:db8::1]:8443",
                                   "https://example.com/voice"}) {
        CAPTURE(good);
        CHECK(with(good) == "accepted");
    }
    for (auto const* const bad : {"voice.example.com", "https://", "https:///x", "https://voice.example.com/", "https://voice.example.com/v1",
                                  "ftp://example.com",
                                  "https://voice.example.com?x=1", "https://voice.example.com#x", "https://a@example.com", "https://voice .example.com"}) {
        CAPTURE(bad);
        CHECK(with(bad).starts_with("http.public_url must be what comes before /v1"));
    }
}

TEST_CASE("the effective settings show no secret and can be read again") {
    auto config = app::parse("[security]\nmaster_key = \"c2VjcmV0\"\n[sip]\ntls_listen = \"[::1]:5061\"\ntls_pem_file = \"a\\\"b\"\n",
                             "boni.toml", {});
    REQUIRE(config);
    auto const shown = app::effective(*config);
    CHECK(shown.find("c2VjcmV0") == std::string::npos);
    CHECK(shown.find("master_key = \"********\"") != std::string::npos);
    auto const again = app::parse(shown, "shown", {});
    REQUIRE(again);
    CHECK(again->sip.tls_listen->text() == "[::1]:5061");
    CHECK(again->sip.tls_pem_file == "a\"b");
}

TEST_CASE("config/boni.example.toml is what `boni config example` prints, and is a valid file") {
    std::ifstream in{"config/boni.example.toml"};
    std::stringstream text;
    text << in.rdbuf();
    CHECK(text.str() == app::example());
    CHECK(app::parse(app::example(), "example", {}));
}
