#include "speech/decode.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <numbers>
#include <sstream>

#include <doctest/doctest.h>
#include <sndfile.h>

#include "support/temp_folder.hpp"

using namespace boni;

namespace {

/// A tone written by libsndfile in the wanted format, as bytes.
std::string tone(int format, int rate, int channels, double hz, double seconds, float level = 0.5f) {
    test::TempFolder folder;
    auto const path = folder.path / "tone";
    SF_INFO info{};
    info.samplerate = rate;
    info.channels = channels;
    info.format = format;
    auto* const file = sf_open(path.c_str(), SFM_WRITE, &info);
    REQUIRE(file != nullptr);
    std::vector<float> samples;
    for (auto frame = 0; frame < int(seconds * rate); ++frame)
        for (auto channel = 0; channel < channels; ++channel)
            samples.push_back(level * float(std::sin(2 * std::numbers::pi * hz * frame / rate)));
    sf_writef_float(file, samples.data(), sf_count_t(samples.size()) / channels);
    sf_close(file);
    std::ifstream in{path, std::ios::binary};
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

/// Amplitude of one frequency (Goertzel), as a share of full scale.
double amplitude(std::vector<std::int16_t> const& pcm, int rate, double hz) {
    auto const w = 2 * std::numbers::pi * hz / rate;
    auto before = 0.0, last = 0.0;
    for (auto const sample : pcm) {
        auto const next = sample / 32768.0 + 2 * std::cos(w) * last - before;
        before = last;
        last = next;
    }
    return 2 * std::sqrt(before * before + last * last - 2 * std::cos(w) * before * last) / double(pcm.size());
}

/// A line of /proc/self/status, in MB.
double memory(std::string const& name) {
    std::ifstream status{"/proc/self/status"};
    for (std::string word; status >> word;)
        if (word == name) return status >> word, std::stod(word) / 1024;
    return 0;
}

}  // namespace

TEST_CASE("WAV, FLAC, Ogg Vorbis, Opus and MP3 give the tone that was written, at both rates") {
    std::pair<char const*, int> const formats[] = {{"wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16}, {"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
        {"vorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS}, {"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS}, {"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III},
        {"ulaw", SF_FORMAT_WAV | SF_FORMAT_ULAW}};
    for (auto const& [name, format] : formats) {
        CAPTURE(name);
        auto const clip = speech::decode(tone(format, 48'000, 2, 700, 1.0));
        REQUIRE(clip);
        CHECK((*clip)->length().count() == doctest::Approx(1000).epsilon(0.08));
        CHECK((*clip)->wide.size() == doctest::Approx(16'000).epsilon(0.08));
        CHECK(amplitude((*clip)->narrow, 8'000, 700) == doctest::Approx(0.5).epsilon(0.15));
        CHECK(amplitude((*clip)->wide, 16'000, 700) == doctest::Approx(0.5).epsilon(0.15));
        CHECK(amplitude((*clip)->narrow, 8'000, 1300) < 0.02);
    }
}

TEST_CASE("a loud file is brought under -1 dBFS, a quiet one is left alone") {
    auto const loud = speech::decode(tone(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 8'000, 1, 400, 0.5, 1.8f));
    CHECK(*std::ranges::max_element((*loud)->narrow) == doctest::Approx(0.891 * 32767).epsilon(0.01));
    auto const quiet = speech::decode(tone(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8'000, 1, 400, 0.5, 0.01f));
    CHECK(*std::ranges::max_element((*quiet)->narrow) == doctest::Approx(0.01 * 32767).epsilon(0.05));
}

TEST_CASE("anything that is not audio we take is refused by name") {
    auto const wav = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    std::string const refused[] = {"", "RIFF", "<html>no</html>", std::string(100'000, '\xff'), tone(wav, 8'000, 3, 400, 0.1),
                                   tone(wav, 4'000, 1, 400, 0.1),
                                   tone(SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 8'000, 1, 400, 0.1), tone(wav, 8'000, 1, 400, 0.0)};
    for (auto const& bytes : refused) {
        auto const clip = speech::decode(bytes);
        REQUIRE_FALSE(clip);
        CHECK(clip.error().token == "unsupported_audio");
    }
    auto const long_one = speech::decode(tone(SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 8'000, 1, 400, 15 * 60 + 1));
    REQUIRE_FALSE(long_one);
    CHECK(long_one.error().token == "too_large");
}

TEST_CASE("a file cut short plays as far as it goes") {
    auto bytes = tone(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8'000, 1, 400, 1.0);
    bytes.resize(bytes.size() / 2);
    auto const clip = speech::decode(bytes);
    REQUIRE(clip);
    CHECK((*clip)->length().count() == doctest::Approx(500).epsilon(0.02));
}

TEST_CASE("a WAV of unknown length plays to its end, an empty one is empty whatever stands behind") {
    auto const whole = tone(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8'000, 1, 400, 1.0);
    auto const headed = [&](std::string const& riff, std::string const& data) {
        auto bytes = whole;
        return bytes.replace(4, 4, riff).replace(40, 4, data);
    };
    std::string const none(4, '\0'), before_data{"\x24\0\0\0", 4}, longest(4, '\xff');
    for (auto const& [riff, data] : {std::pair{none, none}, {before_data, none}, {longest, none}, {longest, longest}, {none, longest}}) {
        auto const clip = speech::decode(headed(riff, data));
        REQUIRE(clip);
        CHECK((*clip)->length() == 1s);
        CHECK(amplitude((*clip)->narrow, 8'000, 400) == doctest::Approx(0.5).epsilon(0.05));
    }
    auto const empty = whole.substr(0, 4) + std::string{"\x30\0\0\0", 4} + whole.substr(8, 32) + none + "LIST" + std::string{"\4\0\0\0", 4} + "INFO";
    CHECK(speech::decode(empty).error().token == "unsupported_audio");
    CHECK_FALSE(speech::decode(whole.substr(0, 40) + none));
}

TEST_CASE("a clip takes its own memory, not that of its file's rate") {
    auto const bytes = tone(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 192'000, 1, 400, 20);
    std::ofstream{"/proc/self/clear_refs"} << 5;      // VmHWM begins anew
    auto const before = memory("VmHWM:");
    auto const clip = speech::decode(bytes);
    REQUIRE(clip);
    CHECK((*clip)->wide.size() == 20 * 16'000);
    CHECK((*clip)->narrow.size() == 20 * 8'000);
    CHECK(memory("VmHWM:") - before < 16);           // its samples at 192 kHz alone are 15, and were held twice
}

TEST_CASE("a file that takes too long is given up") {
    auto const bytes = tone(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48'000, 1, 400, 5);
    auto const clip = speech::decode(bytes, std::chrono::steady_clock::now());
    REQUIRE_FALSE(clip);
    CHECK(clip.error().code == Errc::timeout);
}
