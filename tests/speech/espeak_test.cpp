#include "speech/espeak.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "speech/decode.hpp"

using namespace boni;

namespace {

double rms(media::Clip const& clip) {
    auto sum = 0.0;
    for (auto const sample : clip->narrow) sum += double(sample) * sample;
    return std::sqrt(sum / double(clip->narrow.size()));
}

}  // namespace

TEST_CASE("every Indian language is spoken, in its own script") {
    std::pair<char const*, char const*> const greetings[] = {
        {"as", "নমস্কাৰ"}, {"bn", "নমস্কার"}, {"gu", "નમસ્તે"}, {"hi", "नमस्ते"}, {"kn", "ನಮಸ್ಕಾರ"}, {"kok", "नमस्कार"}, {"ml", "നമസ്കാരം"}, {"mr", "नमस्कार"},
        {"ne", "नमस्ते"}, {"or", "ନମସ୍କାର"}, {"pa", "ਸਤ ਸ੍ਰੀ ਅਕਾਲ"}, {"sd", "سلام"}, {"ta", "வணக்கம்"}, {"te", "నమస్కారం"}, {"ur", "السلام علیکم"}, {"en-gb", "Hello"}};
    for (auto const& [voice, text] : greetings) {
        CAPTURE(voice);
        auto const wav = speech::espeak("espeak-ng", voice, text);
        REQUIRE(wav);
        auto const clip = speech::decode(*wav);
        REQUIRE(clip);
        CHECK((*clip)->length() > std::chrono::milliseconds{250});
        CHECK(rms(*clip) > 300);
    }
}

TEST_CASE("a longer text takes longer to say") {
    auto const brief = speech::decode(speech::espeak("espeak-ng", "en-gb", "One.").value());
    auto const longer = speech::decode(speech::espeak("espeak-ng", "en-gb", "One two three four five six seven eight nine ten.").value());
    CHECK((*longer)->length() > 3 * (*brief)->length());
}

TEST_CASE("a missing synthesiser is an error, not a crash") {
    auto const wav = speech::espeak("no-such-synthesiser", "hi", "text");
    REQUIRE_FALSE(wav);
    CHECK(wav.error().token == "tts_failed");
}

TEST_CASE("brackets are read like any text, never as the synthesiser's own spelling of sounds") {
    CHECK(*speech::espeak("espeak-ng", "en-gb", "[[h@l'oU]]") == *speech::espeak("espeak-ng", "en-gb", "[ [h@l'oU]]"));
    CHECK(*speech::espeak("espeak-ng", "en-gb", "[[[[") == *speech::espeak("espeak-ng", "en-gb", "[ [ [ ["));
}

TEST_CASE("text is spoken, never read as an option") { CHECK(speech::espeak("espeak-ng", "en-gb", "--version").has_value()); }

TEST_CASE("a program that is not there is known before somebody waits for it") {
    CHECK(speech::can_run("sh"));
    CHECK(speech::can_run("/bin/sh"));
    CHECK_FALSE(speech::can_run("no-such-program-of-ours"));
    CHECK_FALSE(speech::can_run("/etc/passwd"));
}
