// The adaptive jitter buffer (media.md 5.2): packets in at any time, pieces of a continuous timeline out at every tick.
// Lives on a media thread; pure, takes `now`. Times inside are samples of 8 kHz.
#pragma once

#include <array>
#include <cstdint>

#include "base/clock.hpp"
#include "media/codec.hpp"
#include "media/packet.hpp"
#include "media/payloads.hpp"

namespace boni::media {

class Jitter {
  public:
    static constexpr std::int64_t window = 64;             ///< packets that wait for an earlier one
    static constexpr std::size_t payload_max = 480;        ///< 60 ms of G.711
    static constexpr int delay_min = 16, delay_start = 160, delay_max = 1600;   ///< 2, 20, 200 ms between a packet and its turn

    enum class Kind : std::uint8_t { audio, noise, other };
    struct Arrival {
        Kind kind = Kind::audio;
        RtpHeader header;
        Bytes payload;                ///< audio; at most payload_max
        Codec const* codec = nullptr; ///< of audio
        std::uint8_t level = 0;       ///< of noise, -dBov (RFC 3389)
        bool anew = false;            ///< its sender has begun anew
    };
    void insert(Arrival const& arrival, Steady now);

    /// Once per tick, before the pieces are taken: begins playing, adapts the delay.
    void tick(Steady now);
    /// What the caller measured of the last frame: only inside silence frames are dropped or repeated.
    void heard_silence(bool silent) { silent_ = silent; }

    struct Piece {
        enum class Kind : std::uint8_t { waiting, audio, lost, silence, noise } kind = Kind::waiting;
        std::size_t samples = 0;
        Bytes payload{};              ///< audio: the whole packet
        Codec const* codec = nullptr;
        bool fresh = false;           ///< the first piece of this packet: decode it now
        std::size_t offset = 0;       ///< of this piece within the packet
        std::uint8_t level = 0;       ///< noise
    };
    /// The next at most `wanted` samples.
    Piece take(std::size_t wanted);
    /// True once after a jump: the next audio fades in over 5 ms.
    bool take_jumped() { return std::exchange(jumped_, false); }
    /// One frame too many is waiting and the silence rule allows to drop it.
    bool may_drop() const { return drop_; }
    void dropped() {
        drop_ = false;
        adjusted_ = clock_;
    }

    double delay_ms() const { return started_ ? double(delay_) / 8 : 0; }
    int target_ms() const { return target_ / 8; }
    std::uint64_t late() const { return late_; }   ///< came after their time

  private:
    /// More than can be of use: beyond a second something has jumped, and twice the longest delay is given up.
    static constexpr std::size_t waiting_bytes = 12 * 1024;
    using Waiting = Payloads<waiting_bytes>;
    struct Slot {
        std::int64_t sequence = -1, timestamp = 0;
        Kind kind = Kind::other;
        std::uint8_t level = 0;
        std::uint16_t samples = 0;
        bool begun = false;
        Codec const* codec = nullptr;
        Waiting::Place payload{};
    };
    void reset(RtpHeader const& header, std::int64_t clock);
    void came_late(std::int64_t timestamp, std::int64_t samples, std::int64_t clock);
    void note_transit(std::int64_t transit, std::int64_t clock);
    void retarget(std::int64_t clock);
    Slot* next_slot();
    void consume(Slot const& slot) { next_ = slot.sequence + 1; }
    Slot& slot(std::int64_t sequence) { return slots_[std::size_t(sequence % window)]; }

    std::array<Slot, window> slots_{};
    Waiting payloads_;

    bool started_ = false, playing_ = false, jumped_ = false, silent_ = true, drop_ = false, quiet_ = false;
    std::uint32_t ssrc_ = 0;
    std::int64_t sequence_ = 0, timestamp_ = 0;   ///< latest, extended
    std::int64_t next_ = 0;                       ///< sequence to play next
    std::int64_t cursor_ = 0;                     ///< timestamp of the next sample to play
    std::int64_t played_to_ = 0;                  ///< end of the last real audio that was played
    std::uint8_t noise_level_ = 127;              ///< while quiet_; 127 is silence

    struct Transit { std::int64_t value, clock; };
    std::array<Transit, 128> transits_{};
    std::size_t transit_count_ = 0;
    std::int64_t fastest_ = 0;                    ///< smallest transit of the last 2 s
    std::int64_t worst_ = 0;                      ///< largest lag behind it; half forgotten in 5 s
    std::int64_t clock_ = 0;                      ///< of the latest tick
    std::int64_t retargeted_ = 0, shrunk_ = 0, adjusted_ = 0;
    std::int64_t hold_ = 0;                       ///< samples to wait in place: the delay grows
    int late_run_ = 0;                            ///< packets in a row that came after their time
    int target_ = delay_start;
    std::int64_t delay_ = 0;
    std::uint64_t late_ = 0;
};

}  // namespace boni::media
