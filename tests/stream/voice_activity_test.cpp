#include "stream/voice_activity.hpp"

#include <doctest/doctest.h>

#include "media/cn.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::stream;

namespace {

/// A caller by the frame, over noise of a level, and what is told of it: "+60" speech from there on, "-400" until there.
struct NoisyCaller {
    VoiceActivity voice;
    media::Noise noise;
    std::uint8_t noise_level = 127;      ///< -dBov
    std::uint64_t at = 0;
    std::string told;

    void frames(int count, double amplitude) {
        for (; count > 0; --count, at += frame_ms) {
            std::array<std::int16_t, 160> frame;
            noise.fill(frame, noise_level);
            auto const speech = test::tone(300, frame.size(), amplitude);
            for (auto i = 0uz; i < frame.size(); ++i) frame[i] = std::int16_t(frame[i] + speech[i]);
            tell(voice.heard(frame, at));
        }
    }
    void tell(std::optional<Speech> const& change) {
        if (change) told += (change->began ? '+' : '-') + std::to_string(change->at) + ' ';
    }
};

}  // namespace

TEST_CASE("speech is told from its first frame to its last, and a pause between words is part of it") {
    NoisyCaller caller;
    caller.frames(50, 0);
    caller.frames(2, 8000);
    CHECK(caller.told.empty());
    caller.frames(20, 8000);
    CHECK(caller.told == "+1000 ");
    caller.frames(15, 0);
    caller.frames(10, 8000);
    caller.frames(19, 0);
    CHECK(caller.told == "+1000 ");
    caller.frames(1, 0);
    CHECK(caller.told == "+1000 -1940 ");
}

TEST_CASE("a click is no speech, nor is a noisy street; a voice in it is") {
    NoisyCaller caller{.noise_level = 38};
    caller.frames(100, 0);
    caller.frames(2, 10'000);
    caller.frames(100, 0);
    CHECK(caller.told.empty());
    caller.frames(20, 8000);
    caller.frames(100, 0);
    CHECK(caller.told == "+4040 -4440 ");
}

TEST_CASE("who speaks from the first frame on is heard once there was something quieter, and who whispers below -45 dBov is not") {
    NoisyCaller whisper;
    whisper.frames(50, 0);
    whisper.frames(50, 150);
    CHECK(whisper.told.empty());
    NoisyCaller eager;                   // or a street: nobody can tell yet
    eager.frames(10, 8000);
    CHECK(eager.told.empty());
    eager.frames(2, 400);
    eager.frames(3, 8000);
    CHECK(eager.told == "+240 ");
}

TEST_CASE("audio that stops coming ends the speech, with and without a frame behind the hole") {
    NoisyCaller caller;
    caller.frames(10, 0);
    caller.frames(10, 8000);
    caller.at += 1000;
    caller.frames(1, 0);
    CHECK(caller.told == "+200 -400 ");
    caller.frames(10, 8000);
    caller.tell(caller.voice.lapsed());
    caller.tell(caller.voice.lapsed());
    CHECK(caller.told == "+200 -400 +1420 -1620 ");
    caller.frames(2, 8000);              // two before and two behind a hole are not four in a row
    caller.at += 100;
    caller.frames(2, 8000);
    CHECK(caller.told == "+200 -400 +1420 -1620 ");
}
