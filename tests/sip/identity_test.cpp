// Who calls and who diverted, of all the headers that may say so.
#include "sip/identity.hpp"

#include <doctest/doctest.h>

#include "sip/name_addr.hpp"

using namespace boni::sip;

TEST_CASE("an asserted identity outranks From") {
    auto const party = calling_party({.from = "\"Ravi\" <sip:1234@x>;tag=a", .asserted = "<sip:+919876543210@carrier>"});
    CHECK(party.value == "+919876543210");
    CHECK(party.display_name == "Ravi");
    CHECK(calling_party({.from = "<sip:9876543210@x>"}).value == "+919876543210");
}

TEST_CASE("of two asserted identities the number counts") {
    CHECK(calling_party({.from = "<sip:a@x>", .asserted = R"("A, B" <sip:ravi@x>, <tel:+919876543210>)"}).value == "+919876543210");
    CHECK(calling_party({.from = "<sip:9876543210@x>", .asserted = "<sip:ravi@x>, <sip:reception@x>"}).value == "ravi");
}

TEST_CASE("privacy hides the asserted number and the name, and keeps what was received") {
    for (auto const* privacy : {"id", "header;id", "ID", "user", "full"}) {
        CAPTURE(privacy);
        auto const party = calling_party({.from = "\"Ravi\" <sip:9876543210@x>", .asserted = "<sip:+919876543210@x>", .privacy = privacy});
        CHECK(party.restricted);
        CHECK(party.value == "anonymous");
        CHECK(party.display_name.empty());
        CHECK(party.raw == "+919876543210");
    }
    CHECK_FALSE(calling_party({.from = "<sip:9876543210@x>", .privacy = "none"}).restricted);
    CHECK(calling_party({.from = "\"Anonymous\" <sip:c8@anonymous.invalid>;tag=1"}).restricted);
    CHECK(calling_party({}).restricted);
}

TEST_CASE("Remote-Party-ID stands between the asserted identity and From, and only the caller's counts") {
    auto const remote = "\"Asha\" <sip:09811112222@carrier>;party=calling;screen=yes;privacy=off";
    auto const party = calling_party({.from = "\"Ravi\" <sip:1234@x>;tag=a", .remote_party = remote});
    CHECK(party.value == "+919811112222");
    CHECK(party.raw == "09811112222");
    CHECK(party.display_name == "Asha");
    CHECK(calling_party({.from = "<sip:1234@x>", .asserted = "<sip:9876543210@x>", .remote_party = remote}).value == "+919876543210");
    CHECK(calling_party({.from = "\"Ravi\" <sip:1234@x>", .remote_party = "<sip:9811112222@x>"}).value == "+919811112222");
    CHECK(calling_party({.from = "\"Ravi\" <sip:1234@x>", .remote_party = "<sip:9811112222@x>"}).display_name == "Ravi");
    CHECK(calling_party({.from = "<sip:9876543210@x>", .remote_party = "<sip:8040000001@x>;party=called"}).value == "+919876543210");
    CHECK(calling_party({.from = "<sip:1@x>", .remote_party = "<sip:8040000001@x>;party=called, <sip:9811112222@x>;Party=\"Calling\""}).value == "+919811112222");
}

TEST_CASE("privacy in Remote-Party-ID withholds the caller, whichever identity is taken") {
    for (auto const* const remote : {"<sip:9811112222@x>;party=calling;privacy=full", "<sip:9811112222@x>;privacy=uri",
                                      "<sip:9811112222@x>;privacy=\"full-network,name\""}) {
        CAPTURE(remote);
        auto const party = calling_party({.from = "\"Ravi\" <sip:1234@x>", .remote_party = remote});
        CHECK(party.restricted);
        CHECK(party.value == "anonymous");
        CHECK(party.display_name.empty());
        CHECK(party.raw == "9811112222");
        CHECK(calling_party({.from = "<sip:1@x>", .asserted = "<sip:9876543210@x>", .remote_party = remote}).restricted);
    }
    auto const nameless = calling_party({.from = "\"Ravi\" <sip:1234@x>", .remote_party = "\"Asha\" <sip:9811112222@x>;privacy=name"});
    CHECK(nameless.value == "+919811112222");
    CHECK(nameless.display_name.empty());
    CHECK_FALSE(calling_party({.from = "<sip:9876543210@x>", .remote_party = "<sip:8040000001@x>;party=called;privacy=full"}).restricted);
}

TEST_CASE("Diversion tells who diverted, the latest first, how often and why") {
    std::vector<std::string> const headers{"\"Shop, Delhi\" <sip:01140001234@carrier;user=phone>;reason=\"no-answer\";counter=2;privacy=off, <tel:+918040000009>",
                                           "<sip:9876543210@carrier>;reason=unconditional;privacy=full"};
    auto const out = diversions({headers});
    REQUIRE(out.size() == 3);
    CHECK(out[0].party.value == "+911140001234");
    CHECK(out[0].party.display_name == "Shop, Delhi");
    CHECK(out[0].reason == "no-answer");
    CHECK(out[0].count == 2);
    CHECK(out[0].raw.starts_with("\"Shop, Delhi\""));
    CHECK(out[0].raw.ends_with("privacy=off"));
    CHECK(out[1].party.value == "+918040000009");
    CHECK(out[1].reason.empty());
    CHECK(out[1].count == 1);
    CHECK(out[2].party.restricted);
    CHECK(out[2].party.value == "anonymous");
    CHECK(out[2].raw == "<sip:9876543210@carrier>;reason=unconditional;privacy=full");
    for (auto const* const counter : {"0", "-3", "x", ""}) {
        std::vector<std::string> const odd{std::string{"<sip:9876543210@x>;counter="} + counter};
        CHECK(diversions({odd}).at(0).count == 1);
    }
    std::vector<std::string> const endless{"<sip:9876543210@x>;counter=99999"};
    CHECK(diversions({endless}).at(0).count == 100);
    std::vector<std::string> const many(30, "<sip:1@x>, <sip:2@x>");
    CHECK(diversions({many}).size() == diversions_max);
}

TEST_CASE("History-Info tells the same where there is no Diversion, in both its generations") {
    // RFC 7044 and 4458: the entry a diversion led to has the cause, and says from which it was mapped.
    std::vector<std::string> const mapped{"<sip:+918040000001@x>;index=1, <sip:+918040000002@x;cause=302>;index=1.1;mp=1",
                                          "<sip:+918040000003@x;user=phone;cause=486?Privacy=none>;index=1.1.1;mp=1.1"};
    auto const out = diversions({.diversion = {}, .history = mapped});
    REQUIRE(out.size() == 2);
    CHECK(out[0].party.value == "+918040000002");
    CHECK(out[0].reason == "486");
    CHECK(out[1].party.value == "+918040000001");
    CHECK(out[1].reason == "302");
    CHECK(out[1].raw == "<sip:+918040000001@x>;index=1");
    // RFC 4244: the one who diverted has the Reason.
    std::vector<std::string> const older{R"(<sip:01140001234@x?Reason=SIP%3Bcause%3D302%3Btext%3D"Moved"&Privacy=history>;index=1, <sip:9876543210@y>;index=2)"};
    auto const hidden = diversions({.diversion = {}, .history = older});
    REQUIRE(hidden.size() == 1);
    CHECK(hidden[0].party.restricted);
    CHECK(hidden[0].party.raw == "01140001234");
    CHECK(hidden[0].reason == "302");
    CHECK(diversions({.diversion = {}, .history = mapped, .privacy = "history"}).at(0).party.restricted);
    std::vector<std::string> const own{"<sip:1800@x>;reason=unknown"};
    CHECK(diversions({.diversion = own, .history = mapped}).size() == 1);
}

TEST_CASE("the way of a call that nobody diverted is no diversion") {
    for (auto const* const way : {"<sip:+918040000001@x>;index=1", "<sip:+918040000001@x>;index=1, <sip:+918040000001@y>;index=1.1;rc=1",
                                  "<sip:+918040000001@x?Reason=SIP%3Bcause%3D503>;index=1, <sip:+918040000001@y>;index=2", "", "\"unterminated",
                                   "<sip:a@x;cause=302>;mp=9"}) {
        CAPTURE(way);
        std::vector<std::string> const history{way};
        CHECK(diversions({.diversion = {}, .history = history}).empty());
    }
}

TEST_CASE("parameters of a header are told from those of its URI") {
    CHECK(name_addr("\"A;b\" <sip:1@x;party=uri>;party=header").params == ";party=header");
    CHECK(name_addr("sip:9876;npdi@x;party=header").params == ";party=header");
    CHECK(name_addr("tel:+91987;ext=1").params == ";ext=1");
    CHECK(name_addr("<sip:1@x").params.empty());
    CHECK(param_of(";a;b=\"x;\\\"y\\\"\" ; C = d", "b") == "x;\"y\"");
    CHECK(param_of(";a;b=1; C = d", "c") == "d");
    CHECK(param_of(";a;b=1", "a").empty());
    CHECK(param_of(";b=\"never closed", "b").size() < 13);
    CHECK(param_of("", "b").empty());
}
