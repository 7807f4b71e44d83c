// What offer and answer agreed for one leg, as values. Thread: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace boni::media {

/// From our side (RFC 3264): `send_only` means they put us on hold or asked to hear only.
enum class Direction : std::uint8_t { send_receive, send_only, receive_only, inactive };

inline bool sends(Direction way) { return way == Direction::send_receive || way == Direction::send_only; }
inline bool receives(Direction way) { return way == Direction::send_receive || way == Direction::receive_only; }

/// One negotiated payload type. `codec` is the rtpmap name: "PCMA", "PCMU", "telephone-event", "CN".
struct PayloadMap {
    std::uint8_t type = 0;
    std::string codec;
    std::uint32_t clock_hz = 8000;
    bool operator==(PayloadMap const&) const = default;
};

struct PortConfig {
    Address remote;                                  ///< where their SDP wants RTP; port 0: not known yet, send nothing
    Address remote_rtcp;                             ///< port 0: the RTP port plus one (RFC 3550 11)
    std::vector<PayloadMap> payloads;                ///< negotiated, in order; the first audio codec is what we send
    Direction direction = Direction::send_receive;
    bool answered = true;                            ///< before it they may listen without a word: their silence is none
    std::chrono::milliseconds ptime{20};             ///< of what we send: 10 to 60, a multiple of 10
    std::chrono::milliseconds silence_max{30'000};   ///< neither RTP nor RTCP for so long: MediaLost
    std::chrono::milliseconds hold_silence_max{30 * 60'000};  ///< the same on hold: not both ways
};

}  // namespace boni::media
