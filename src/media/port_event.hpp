// What one leg's media reports to its owner. Plain values, made on a media thread, delivered on the control thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/address.hpp"
#include "base/clock.hpp"

namespace boni::media {

/// Names one `Port::play`. Never reused within a port.
enum class PlayId : std::uint64_t {};

/// What was measured, over one sample of 5 s or over the whole leg (media.md 11). Unknown is null, never invented.
struct Quality {
    std::uint64_t packets_received = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t lost = 0;
    std::uint64_t late = 0;
    std::uint64_t reordered = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t spoofed = 0;                    ///< dropped: not from the latched source
    double jitter_ms = 0;
    std::optional<double> rtt_ms;
    double buffer_ms = 0;                         ///< delay of the jitter buffer
    double level_dbov = -127;                     ///< of what was heard, RMS
    double mos = 0;                               ///< simplified E-model, 1.0 to 4.5; 0: nothing received to judge
    double mos_min = 0;
    bool high_loss = false;                       ///< > 3 %
    bool high_jitter = false;                     ///< > 30 ms
    bool one_way_audio = false;                   ///< 5 s without RTP while we sent
    bool silence = false;                         ///< below -60 dBov for 20 s
};

struct FirstPacket { Address from; };             ///< the peer's first valid packet; the leg is latched
struct Digit {
    char key = 0;                                 ///< 0-9 * # A-D; never logged
    enum class Path : std::uint8_t { rtp_event, signalling, in_band } path = Path::rtp_event;
    Steady at;                                    ///< when it was complete
};
struct KeyHeld { bool held = false; };            ///< an RFC 4733 event of more than one packet goes on, or is over; its Digit comes before the end
struct SourceChanged { Address from; };           ///< a relatch that the rules of 5.1 allow
struct MediaLost { std::chrono::milliseconds silent; };  ///< `silence_max` reached; repeated only after media came back
struct MediaBack {};                              ///< a packet after MediaLost
struct QualitySample { Quality sample; bool final = false; };  ///< every 5 s; the final one covers the whole leg
struct Played {
    PlayId id{};
    std::chrono::milliseconds heard{};            ///< how much of the clip left in RTP, all its loops together
    bool finished = false;                        ///< false: stopped, by `stop`, a digit or the end of the leg
};
struct DigitsSent { std::size_t count = 0; };     ///< everything given to `send_digits` so far has left
struct Failed { std::string why; };               ///< the leg has no media any more

using PortEvent = std::variant<FirstPacket, Digit, KeyHeld, SourceChanged, MediaLost, MediaBack, QualitySample, Played, DigitsSent,
                               Failed>;

}  // namespace boni::media
