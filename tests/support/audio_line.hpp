// A sender, a network and a jitter buffer under a fake clock: packets leave every `ptime`, arrive as the test says, and are
// played out every 20 ms.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "media/playout.hpp"
#include "support/fake_clock.hpp"
#include "support/tone.hpp"

namespace boni::test {

struct AudioLine {
    media::Playout playout;
    FakeClock clock;
    media::Codec const* codec = media::find_codec("PCMU");
    std::uint32_t ssrc = 1, timestamp = 77'000;
    std::uint16_t sequence = 65'500;      // wraps within a second
    double hz = 500;
    std::size_t sent = 0;                 ///< samples
    std::multimap<Steady, media::Jitter::Arrival> flying;
    std::map<std::uint64_t, std::vector<std::uint8_t>> payloads;
    std::uint64_t packet = 0;
    std::vector<std::int16_t> out;

    /// What happens to packet n: its delay, or nothing when it is lost.
    using Network = std::function<std::optional<std::chrono::microseconds>(std::uint64_t packet)>;

    void send(std::size_t samples, Network const& network, double amplitude = 10'000) {
        auto const audio = wave(samples, amplitude);
        auto& payload = payloads[packet];
        payload.resize(samples);
        codec->encode(audio, payload);
        put({.kind = media::Jitter::Kind::audio, .header = {.sequence = sequence, .timestamp = timestamp, .ssrc = ssrc},
             .payload = payload, .codec = codec}, network);
        timestamp += std::uint32_t(samples);
        ++sequence;
    }
    void send_noise(std::uint8_t level) {
        put({.kind = media::Jitter::Kind::noise, .header = {.sequence = sequence++, .timestamp = timestamp, .ssrc = ssrc}, .level = level},
            [](auto) { return 0ms; });
    }
    /// A packet of a pressed key, whose timestamp is `ahead` of the audio's.
    void send_event(std::uint32_t ahead) {
        put({.kind = media::Jitter::Kind::other, .header = {.sequence = sequence++, .timestamp = timestamp + ahead, .ssrc = ssrc}},
            [](auto) { return 0ms; });
    }
    /// 20 ms pass; what is due arrives, one frame is played.
    void tick() {
        auto const end = clock.steady() + 20ms;
        for (auto next = flying.begin(); next != flying.end() && next->first <= end; next = flying.erase(next)) {
            clock.advance(std::chrono::duration_cast<std::chrono::microseconds>(std::max(next->first, clock.steady()) - clock.steady()));
            playout.insert(next->second, clock.steady());
        }
        clock.advance(std::chrono::duration_cast<std::chrono::microseconds>(end - clock.steady()));
        media::Frame frame{};
        playout.frame(frame, clock.steady());
        out.insert(out.end(), frame.begin(), frame.end());
    }
    void run(int frames, Network const& network, double amplitude = 10'000) {
        for (; frames > 0; --frames) {
            send(160, network, amplitude);
            tick();
        }
    }
    std::span<std::int16_t const> last(std::size_t samples) const { return std::span{out}.last(samples); }

  private:
    std::vector<std::int16_t> wave(std::size_t samples, double amplitude) {
        std::vector<std::int16_t> audio(samples);
        for (auto& sample : audio) sample = std::int16_t(amplitude * std::sin(2 * std::numbers::pi * hz * double(sent++) / 8000));
        return audio;
    }
    void put(media::Jitter::Arrival arrival, Network const& network) {
        if (auto const delay = network(packet)) flying.emplace(clock.steady() + *delay, arrival);
        ++packet;
    }
};

inline std::optional<std::chrono::microseconds> perfect(std::uint64_t) { return 5ms; }

/// Samples whose step from the one before is larger than the tone itself can make.
inline std::size_t clicks(std::span<std::int16_t const> samples, double hz, double amplitude = 10'000) {
    auto const step_max = amplitude * 2 * std::numbers::pi * hz / 8000 * 1.5;
    auto count = 0uz;
    for (auto i = 1uz; i < samples.size(); ++i) count += std::abs(samples[i] - samples[i - 1]) > step_max;
    return count;
}

}  // namespace boni::test
