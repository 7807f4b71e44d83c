// A customer's audio file: whatever its bytes are, decoding gives at most 15 minutes at both rates, or a refusal. What our own WAV header
// describes is read as that.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "media/wav.hpp"
#include "speech/decode.hpp"

using namespace boni;

/// libsndfile 1.2.0 forgets 6 KB when a Vorbis header ends early; see README.md.
extern "C" char const* __lsan_default_suppressions() { return "leak:libvorbis.so\n"; }

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const bytes{reinterpret_cast<char const*>(data), size};
    if (auto const clip = speech::decode(bytes)) {
        ENSURE((*clip)->length() <= std::chrono::minutes{15} + std::chrono::seconds{1});
        ENSURE((*clip)->wide.size() <= 2 * (*clip)->narrow.size() + 4 && (*clip)->narrow.size() <= (*clip)->wide.size());
    } else {
        ENSURE(clip.error().code == Errc::invalid);
    }
    if (size < 800) return 0;
    auto const channels = 1u + data[0] % 2;
    // Begins with silence: libsndfile looks for other formats in the first samples ("OggS", "wvpk").
    auto const pcm = std::string(4, '\0') + std::string{bytes.substr(0, size / (2 * channels) * (2 * channels))};
    auto const header = media::wav_header(channels, 8000, pcm.size());
    auto const recording = speech::decode(std::string{header.begin(), header.end()} + pcm);
    ENSURE(recording.has_value());
    auto const frames = pcm.size() / (2 * channels);
    ENSURE((*recording)->narrow.size() + 8 >= frames && (*recording)->narrow.size() <= frames + 8);
    return 0;
}
