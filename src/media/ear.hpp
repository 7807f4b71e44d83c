// What the caller says, in order and as soon as it is here, on the sender's own clock: for a reader that needs no even pace (media-stream 10).
// The playout beside it waits for its tick and for packets that may still come. Lives on a media thread; pure, takes `now`.
#pragma once

#include <array>
#include <cstdint>

#include "media/jitter.hpp"
#include "media/payloads.hpp"
#include "media/plc.hpp"
#include "media/tap_ring.hpp"

namespace boni::media {

class Ear {
  public:
    explicit Ear(TapRing& out) : out_{out} {}

    /// `tick` is the thread's number of the 20 ms that are running. True: there is something to read.
    bool arrived(Jitter::Arrival const& arrival, std::uint64_t tick, Steady now);
    /// Once per tick: what waits for an earlier packet longer than `patience` waits no more. True: there is something to read.
    bool tick(std::uint64_t tick, std::chrono::milliseconds patience, Steady now);

  private:
    static constexpr std::size_t waiting_max = 16;   ///< packets behind a missing one; more say that it will not come
    using Bodies = Payloads<waiting_max * 160>;      ///< of 20 ms each; nobody waits for as long as fewer and longer ones take
    struct Waiting {
        bool taken = false;
        Jitter::Arrival arrival;
        Steady since;
        Bodies::Place body;
    };
    void begin(RtpHeader const& header);
    void keep(Jitter::Arrival const& arrival, Steady now);
    void let_go();                                   ///< all that is next in order
    void skip_missing();
    void hear(Jitter::Arrival const& arrival);
    void anchor(std::uint32_t timestamp);
    void fill(std::span<std::int16_t const> samples);
    void flush();
    Waiting& waiting(std::uint16_t sequence) { return waiting_[sequence % waiting_max]; }

    TapRing& out_;
    std::array<Waiting, waiting_max> waiting_;
    Bodies bodies_;
    std::size_t waiting_count_ = 0;
    Concealer plc_;

    bool began_ = false, speaking_ = false;          ///< a source is known; it has sent audio
    bool missed_ = false;                            ///< packets were given up just before this one
    std::uint32_t ssrc_ = 0;
    std::uint16_t next_ = 0;                         ///< sequence that is next in order
    std::uint32_t expected_ = 0;                     ///< timestamp that follows what was heard
    std::uint32_t origin_ = 0;                       ///< timestamp of the first sample of tick `origin_tick_`
    std::uint64_t origin_tick_ = 0;
    std::uint64_t now_tick_ = 0;
    std::uint64_t frame_tick_ = 0;                   ///< of the frame that is being filled
    Steady now_{}, heard_at_{};
    std::size_t filled_ = 0;
    Frame frame_{};
};

}  // namespace boni::media
