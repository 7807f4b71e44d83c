#include "speech/voice.hpp"

#include <doctest/doctest.h>

#include "base/utf8.hpp"

using namespace boni;

TEST_CASE("a language tag finds its voice, whatever its region and case") {
    CHECK(speech::espeak_voice("").value() == "en-gb");
    CHECK(speech::espeak_voice("en-IN").value() == "en-gb");
    CHECK(speech::espeak_voice("HI-in").value() == "hi");
    CHECK(speech::espeak_voice("kok-Deva-IN").value() == "kok");
    CHECK(speech::espeak_voice("espeak:ta").value() == "ta");
}

TEST_CASE("a language nobody speaks and a malformed tag are refused") {
    for (auto const* bad : {"xx", "hi_IN", "-hi", "hi-", "toolongsubtag", "hi;rm", "हिन्दी", "--stdin", "en--IN"}) {
        CAPTURE(bad);
        auto const voice = speech::espeak_voice(bad);
        REQUIRE_FALSE(voice);
        CHECK(voice.error().token == "invalid_value");
    }
}

TEST_CASE("what is refused is quoted in whole characters") {
    std::string wanted;
    for (int n = 0; n < 100; ++n) wanted += "\u00e9";
    auto const voice = speech::espeak_voice(wanted);
    REQUIRE_FALSE(voice);
    CHECK(is_utf8(voice.error().what));
    CHECK(voice.error().what.size() < 100);
}
