// One leg's stages and the order they run in. Lives on a media thread; pure, takes `now`.
#pragma once

#include "media/actions.hpp"
#include "media/feed.hpp"
#include "media/inband.hpp"
#include "media/measure.hpp"
#include "media/packetiser.hpp"
#include "media/player.hpp"
#include "media/playout.hpp"
#include "media/recorder.hpp"
#include "media/tap.hpp"

namespace boni::media {

constexpr std::size_t taps_max = 4;          ///< of one leg

struct Stages {
    Playout playout;
    LevelMeter* level = nullptr;             ///< of the leg's Measure
    ToneDetector detector;
    bool listen_for_tones = false;           ///< telephone-event was not negotiated
    Player player;
    std::shared_ptr<Feed> feed;              ///< heard when no clip plays
    Ledger ledger;
    EventSender events;
    ToneGenerator tones;
    bool toning = false;                     ///< digits are on their way as tones
    Packetiser packetiser;
    std::shared_ptr<Recording> recording;
    boost::container::static_vector<std::shared_ptr<Tap>, taps_max> taps;   ///< hear packets as they arrive, before this pipeline does
};

struct Tick {
    std::uint64_t index = 0;                 ///< of 20 ms each, since the thread began
    Steady now;
    Address to;                              ///< where RTP goes
    bool sends = false;                      ///< direction and address allow it
    bool receives = false;
    bool talks = false;                      ///< what is heard is judged: neither before the answer nor on hold
};

struct Heard {
    char tone = 0;                           ///< a digit that came as a tone
    bool digits_sent = false;                ///< the last waiting digit has left
};

/// 20 ms both ways; what is to be sent is in `out`.
Heard run_pipeline(Stages& stages, Tick const& tick, Actions& out);

}  // namespace boni::media
