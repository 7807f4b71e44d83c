#include "sip/trunk.hpp"

#include <doctest/doctest.h>

using namespace boni;
using namespace boni::sip;

namespace {
Result<Trunk> read(std::string_view text, std::string secret = {}) {
    return trunk_from("airtel", false, json::parse(text)->as_object(), Secret{std::move(secret)});
}
}  // namespace

TEST_CASE("a trunk is read with everything an operator can write") {
    auto const trunk = read(R"({
        "kind": "ip", "addresses": ["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"],
        "targets": [{"host": "sbc1.carrier.example", "transport": "tls"}, {"host": "[2001:db8::5]", "port": 5080, "transport": "tcp"}],
        "auth": {"user": "boni", "realm": "carrier.example"}, "codecs": ["PCMU"],
        "numbers": {"request_uri": "{zero}", "from": "{ten}", "asserted": "{cc}", "std_code": "11"},
        "limits": {"in": {"channels": 30}, "out": {"channels": 10, "cps": 2}, "max_minutes_day": 600}, "health": {"every_seconds": 15},
        "features": {"100rel": false, "update": false, "timers": false, "nat": "on", "early_media": false, "media_timeout": 60, "redirects_max": 3,
                     "refer": true},
        "public_address": "198.51.100.1", "dids": ["+911140001234"], "lsa": "DL", "leg_class": "VOIP_IN"})", "hunter2");
    REQUIRE(trunk);
    CHECK(trunk->name == "airtel");
    CHECK(trunk->kind == TrunkKind::ip);
    REQUIRE(trunk->addresses.size() == 3);
    CHECK(trunk->addresses[2].prefix == 32);
    REQUIRE(trunk->targets.size() == 2);
    CHECK_FALSE(trunk->targets[0].port);
    CHECK(trunk->targets[0].transport == Transport::tls);
    CHECK(trunk->targets[1].host == "2001:db8::5");
    CHECK(trunk->targets[1].port == 5080);
    CHECK(trunk->auth->user == "boni");
    CHECK(trunk->auth->secret.reveal() == "hunter2");
    CHECK(trunk->codecs == std::vector<std::string>{"PCMU"});
    CHECK(trunk->numbers.request_uri == "{zero}");
    CHECK(trunk->numbers.std_code == "11");
    CHECK(trunk->in.channels == 30);
    CHECK(trunk->out.cps == 2);
    CHECK(trunk->max_minutes_day == 600);
    CHECK(trunk->refer);
    CHECK(trunk->health_every == 15s);
    CHECK_FALSE(trunk->reliable);
    CHECK_FALSE(trunk->update);
    CHECK_FALSE(trunk->timers);
    CHECK(trunk->nat == Nat::on);
    CHECK_FALSE(trunk->early_media);
    CHECK(trunk->media_timeout == 60s);
    CHECK(trunk->redirects_max == 3);
    CHECK(trunk->dids.size() == 1);
    CHECK(trunk->leg_class == "VOIP_IN");
}

TEST_CASE("what the operator leaves out has the default of the documentation") {
    auto const trunk = read(R"({"addresses": ["203.0.113.1"]})");
    REQUIRE(trunk);
    CHECK(trunk->codecs == std::vector<std::string>{"PCMA", "PCMU", "telephone-event"});
    CHECK(trunk->health_every == 30s);
    CHECK(trunk->nat == Nat::automatic);
    CHECK(trunk->numbers.request_uri == "{e164}");
    CHECK(trunk->reliable);
    CHECK_FALSE(trunk->auth);
    CHECK(trunk->in.channels == 0);
    CHECK(trunk->max_minutes_day == 0);
    CHECK_FALSE(trunk->refer);
}

TEST_CASE("what a trunk does by itself may be written as auto") {
    auto const trunk = read(R"({"addresses": ["203.0.113.1"], "features": {"100rel": "auto", "update": "auto", "timers": false}})");
    REQUIRE(trunk);
    CHECK(trunk->reliable);
    CHECK(trunk->update);
    CHECK_FALSE(trunk->timers);
}

TEST_CASE("every mistake in a trunk names its field") {
    struct Row { std::string_view text, field; };
    for (auto const& row : {
             Row{R"({})", "addresses"}, {R"({"kind": "ipp"})", "kind"}, {R"({"kind": 1})", "kind"},
             {R"({"kind": "tls"})", "tls_names"}, {R"({"kind": "register"})", "targets"},
             {R"({"kind": "register", "targets": [{"host": "a"}]})", "auth"},
             {R"({"addresses": "203.0.113.1"})", "addresses"}, {R"({"addresses": ["203.0.113.1", "203.0.113.0/33"]})", "addresses[1]"},
             {R"({"addresses": [7]})", "addresses[0]"}, {R"({"addresses": ["10.0.0.1"], "targets": ["sbc"]})", "targets[0]"},
             {R"({"addresses": ["10.0.0.1"], "targets": [{"host": "a"}, {"host": "a", "port": 0}]})", "targets[1].port"},
             {R"({"addresses": ["10.0.0.1"], "targets": [{"host": "a b"}]})", "targets[0].host"},
             {R"({"addresses": ["10.0.0.1"], "targets": [{"host": ""}]})", "targets[0].host"},
             {R"({"addresses": ["10.0.0.1"], "targets": [{"host": "a", "transport": "sctp"}]})", "targets[0].transport"},
             {R"({"addresses": ["10.0.0.1"], "auth": {"realm": "x"}})", "auth.user"},
             {R"({"addresses": ["10.0.0.1"], "auth": {"user": "x"}})", "auth.secret"},
             {R"({"addresses": ["10.0.0.1"], "auth": {"user": "x\r\ny"}})", "auth.user"},
             {R"({"addresses": ["10.0.0.1"], "codecs": []})", "codecs"}, {R"({"addresses": ["10.0.0.1"], "codecs": [1]})", "codecs[0]"},
             {R"({"addresses": ["10.0.0.1"], "numbers": {"from": "{nine}"}})", "numbers.from"},
             {R"({"addresses": ["10.0.0.1"], "numbers": {"request_uri": ""}})", "numbers.request_uri"},
             {R"({"addresses": ["10.0.0.1"], "numbers": {"std_code": "011"}})", "numbers.std_code"},
             {R"({"addresses": ["10.0.0.1"], "numbers": []})", "numbers"},
             {R"({"addresses": ["10.0.0.1"], "limits": {"in": {"channels": -1}}})", "limits.in.channels"},
             {R"({"addresses": ["10.0.0.1"], "limits": {"out": {"cps": 1.5}}})", "limits.out.cps"},
             {R"({"addresses": ["10.0.0.1"], "limits": {"max_minutes_day": -1}})", "limits.max_minutes_day"},
             {R"({"addresses": ["10.0.0.1"], "limits": {"in": {"max_minutes_day": 1}}})", "limits.in.max_minutes_day"},
             {R"({"addresses": ["10.0.0.1"], "features": {"refer": 1}})", "features.refer"},
             {R"({"addresses": ["10.0.0.1"], "health": {"every_seconds": 5}})", "health.every_seconds"},
             {R"({"addresses": ["10.0.0.1"], "features": {"nat": "maybe"}})", "features.nat"},
             {R"({"addresses": ["10.0.0.1"], "features": {"media_timeout": 4}})", "features.media_timeout"},
             {R"({"addresses": ["10.0.0.1"], "features": {"100rel": "maybe"}})", "features.100rel"},
             {R"({"addresses": ["10.0.0.1"], "features": {"redirects_max": 4}})", "features.redirects_max"},
             {R"({"addresses": ["10.0.0.1"], "public_address": "example.com"})", "public_address"},
             {R"({"addresses": ["10.0.0.1"], "dids": ["+911140001234", "01140001234"]})", "dids[1]"},
             {R"({"addresses": ["10.0.0.1"], "leg_class": "PSTN"})", "leg_class"},
         }) {
        CAPTURE(row.text);
        auto const trunk = read(row.text);
        REQUIRE_FALSE(trunk);
        CHECK(trunk.error().code == Errc::invalid);
        CHECK(trunk.error().field == row.field);
    }
}

TEST_CASE("an unknown key is refused with the nearest known one") {
    struct Row { std::string_view text, field, nearest; };
    for (auto const& row : {
             Row{R"({"adresses": ["10.0.0.1"]})", "adresses", "'addresses'"},
             {R"({"addresses": ["10.0.0.1"], "targets": [{"host": "a", "prot": 5060}]})", "targets[0].prot", "'port'"},
             {R"({"addresses": ["10.0.0.1"], "features": {"timer": true}})", "features.timer", "'timers'"},
             {R"({"addresses": ["10.0.0.1"], "limits": {"in": {"chanels": 3}}})", "limits.in.chanels", "'channels'"},
             {R"({"addresses": ["10.0.0.1"], "auth": {"usr": "x"}})", "auth.usr", "'user'"},
         }) {
        CAPTURE(row.text);
        auto const trunk = read(row.text, "s");
        REQUIRE_FALSE(trunk);
        CHECK(trunk.error().field == row.field);
        CHECK(trunk.error().what.find(row.nearest) != std::string::npos);
    }
}

TEST_CASE("an address range holds what its prefix says, and no other family") {
    struct Row { std::string_view range, ip; bool inside; };
    for (auto const& row : {
             Row{"203.0.113.0/24", "203.0.113.255", true}, {"203.0.113.0/24", "203.0.114.0", false}, {"203.0.113.7", "203.0.113.7", true},
             {"203.0.113.7", "203.0.113.6", false}, {"10.0.0.0/9", "10.127.255.255", true}, {"10.0.0.0/9", "10.128.0.0", false},
             {"0.0.0.0/0", "8.8.8.8", true}, {"0.0.0.0/0", "::1", false}, {"2001:db8::/33", "2001:db8:7fff::1", true},
             {"2001:db8::/33", "2001:db8:8000::1", false}, {"::1", "::1", true}, {"::ffff:1.2.3.4", "1.2.3.4", false},
         }) {
        CAPTURE(row.range);
        CAPTURE(row.ip);
        CHECK(Cidr::parse(row.range)->contains(*Address::parse(row.ip, 5060)) == row.inside);
    }
    for (auto const* bad : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "::/129", "host/24", "10.0.0.0/ 8"}) {
        CAPTURE(bad);
        CHECK_FALSE(Cidr::parse(bad));
    }
}
