#include "sip/normalise.hpp"

#include <doctest/doctest.h>

using namespace boni::sip;

TEST_CASE("every row of the number table") {
    struct Row { std::string_view in, value; bool e164; std::string_view std_code = ""; };
    for (auto const& row : {
             Row{"tel:+91-98765-43210", "+919876543210", true},                          // 2
             {"+91 (98765) 432.10;ext=12;phone-context=x", "+919876543210", true},
             {"SIP:+919876543210", "+919876543210", true},
             {"%2B919876543210", "+919876543210", true},
             {"00919876543210", "+919876543210", true},                                  // 3
             {"0014155550100", "+14155550100", true},
             {"+911140001234", "+911140001234", true},                                   // 4
             {"+1415555", "+1415555", true},
             {"+123456", "+123456", false},
             {"+1234567890123456", "+1234567890123456", false},
             {"09876543210", "+919876543210", true},                                     // 5
             {"01140001234", "+911140001234", true},
             {"919876543210", "+919876543210", true},                                    // 6
             {"911140001234", "+911140001234", true},
             {"910876543210", "910876543210", false},
             {"9876543210", "+919876543210", true},                                      // 7
             {"1140001234", "+911140001234", true},                                      // 8
             {"40001234", "+911140001234", true, "11"},                                  // 9
             {"400123", "+911724400123", false, "172"},
             {"2400123", "+911722400123", true, "172"},
             {"40001234", "40001234", false},
             {"112", "112", false, "11"},                                                // 10
             {"100123", "100123", false},
             {"112;phone-context=+91", "112", false},
             {"18001234567", "18001234567", false},
             {"1800-123-4567", "18001234567", false},
             {"1860 266 1234", "18602661234", false},
             {"1600123456", "1600123456", false},
             {"1401234567", "1401234567", false},
             {"01401234567", "1401234567", false},
             {"0000", "0000", false},
             {"abc123", "abc123", false},                                                // 11
             {"agent.smith", "agent.smith", false},
             {"98765432101234567", "98765432101234567", false},
         }) {
        CAPTURE(row.in);
        auto const party = party_of(row.in, row.std_code);
        CHECK(party.e164 == row.e164);
        if (row.e164 || row.value.front() != '+' || row.in.front() == '+') CHECK(party.value == row.value);
        CHECK_FALSE(party.restricted);
        CHECK(party.raw == row.in);
    }
}

TEST_CASE("a withheld number is anonymous, whatever it is called") {
    for (auto const* in : {"anonymous", "Anonymous", "unknown", "", " ", "tel:"}) {
        CAPTURE(in);
        auto const party = party_of(in);
        CHECK(party.restricted);
        CHECK(party.value == "anonymous");
        CHECK_FALSE(party.e164);
        CHECK(party.raw == in);
    }
}

TEST_CASE("the called party is found in every form of a URI") {
    for (auto const* in : {"sip:09876543210@203.0.113.1:5060;user=phone", "sips:+919876543210:secret@host", "<tel:+91-98765-43210;phone-context=x>",
                           "\"Shop, \\\"Delhi\\\"\" <sip:919876543210;npdi@[2001:db8::1]>;tag=1", "sip:%2b919876543210@x", "TEL:9876543210"}) {
        CAPTURE(in);
        CHECK(party_of_uri(in).value == "+919876543210");
    }
    CHECK(party_of_uri("\"Shop, \\\"Delhi\\\"\" <sip:1@x>").display_name == "Shop, \"Delhi\"");
    CHECK(party_of_uri("sip:203.0.113.1").restricted);
    CHECK(party_of_uri("\"unterminated <sip:1@x>").restricted);
    CHECK(party_of_uri("Shop <sip:1@x>").display_name == "Shop");
}

TEST_CASE("a DID is looked up normalised, then raw, then by its last ten digits among the trunk's own") {
    std::vector<std::string> const dids{"+911140001234", "+911140005678", "+4411140001234"};
    CHECK(did_candidates(party_of("01140001234"), dids) == std::vector<std::string>{"+911140001234", "01140001234", "+4411140001234"});
    CHECK(did_candidates(party_of("991140001234567"), dids) == std::vector<std::string>{"991140001234567"});
    CHECK(did_candidates(party_of("5591140001235"), dids) == std::vector<std::string>{"5591140001235"});
    CHECK(did_candidates(party_of("551140001234"), dids) == std::vector<std::string>{"551140001234", "+911140001234", "+4411140001234"});
    CHECK(did_candidates(party_of("1800-123-4567"), {}) == std::vector<std::string>{"18001234567", "1800-123-4567"});
    CHECK(did_candidates(party_of("112"), dids) == std::vector<std::string>{"112"});
    CHECK(did_candidates(party_of("anonymous"), dids) == std::vector<std::string>{"anonymous"});
}

TEST_CASE("templates write a number the way the carrier wants it, and it reads back the same") {
    struct Row { std::string_view format, number, out; };
    for (auto const& row : {
             Row{"{e164}", "+919876543210", "+919876543210"}, {"{cc}", "+919876543210", "919876543210"},
             {"{zero}", "+919876543210", "09876543210"}, {"{ten}", "+919876543210", "9876543210"}, {"{raw}", "+919876543210", "+919876543210"},
             {"99{ten}", "+919876543210", "999876543210"}, {"{zero};cpc=x", "+911140001234", "01140001234;cpc=x"},
             {"{cc}", "+14155550100", "14155550100"}, {"{zero}", "+14155550100", "0014155550100"}, {"{ten}", "+14155550100", "14155550100"},
             {"{e164}", "112", "112"}, {"{zero}", "18001234567", "18001234567"}, {"{raw}", "a b@c", "a%20b%40c"},
             {"1234", "+919876543210", "1234"}, {"", "+919876543210", ""},
         }) {
        CAPTURE(row.format);
        CAPTURE(row.number);
        CHECK(outgoing(row.format, row.number) == row.out);
    }
    for (auto const* format : {"{e164}", "{cc}", "{zero}", "{ten}", "{raw}"})
        for (auto const* number : {"+919876543210", "+911140001234"}) CHECK(party_of(outgoing(format, number)).value == number);
}

TEST_CASE("a template with an unknown word or a lone brace is refused") {
    for (auto const* good : {"", "{e164}", "99{ten}#", "{cc}{raw}"}) CHECK(check_format(good));
    for (auto const* bad : {"{E164}", "{", "}", "{e164", "e164}", "{}", "{ten}}", "{{ten}}"}) {
        CAPTURE(bad);
        CHECK_FALSE(check_format(bad));
    }
}
