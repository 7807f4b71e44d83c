// What one leg measured, as samples of 5 s and as a whole, and its RTCP conversation (media.md 11).
// Lives on a media thread; pure, takes `now`.
#pragma once

#include <array>
#include <string>

#include "media/port_event.hpp"
#include "media/quality.hpp"
#include "media/reception.hpp"
#include "media/rtcp.hpp"

namespace boni::media {

constexpr auto sample_every = 5s;

class Measure {
  public:
    /// `wall` at `steady` dates our sender reports; they need to be consistent, not exact.
    Measure(std::uint32_t ssrc, Instant wall, Steady steady);
    void start(Steady now);

    Reception reception;
    LevelMeter level;
    std::uint64_t spoofed = 0;

    /// Figures that live in other stages.
    struct Elsewhere {
        std::uint64_t packets_sent = 0;
        std::uint64_t late = 0;           ///< came after their time
        double buffer_ms = 0;
        bool one_way = false;
    };
    /// Due every 5 s; also folds it into the whole.
    bool sample_due(Steady now) const { return started_ && now >= next_sample_; }
    Quality sample(Elsewhere const& elsewhere, Steady now);
    /// Everything up to now, the unfinished sample included.
    Quality whole(Elsewhere const& elsewhere) const;

    void received(RtcpIn const& in, Steady now);
    /// Every 5 s, half more or less (RFC 3550 6.3.1), so that a thousand legs do not report in one tick.
    bool report_due(Steady now) const { return started_ && now >= next_report_; }
    struct Sent { std::uint32_t timestamp, packets, octets; bool recently; };
    std::size_t report(Sent const& sent, bool bye, Steady now, std::span<std::uint8_t> out);

  private:
    Quality totals(Elsewhere const& elsewhere) const;
    Ntp ntp(Steady now) const;
    void schedule_report(Steady now);

    std::uint32_t ssrc_;
    std::string cname_;
    Instant wall_;
    Steady steady_;
    std::uint32_t random_;
    bool started_ = false;
    Steady next_sample_{}, next_report_{};

    Quality before_;                    ///< totals at the last sample
    std::uint64_t expected_before_ = 0;
    double mos_sum_ = 0, mos_min_ = 0, power_sum_ = 0;
    std::size_t mos_count_ = 0, sample_count_ = 0;
    Quality flags_;                     ///< every flag that was ever raised

    std::optional<double> rtt_ms_;
    std::uint32_t last_sr_ = 0;         ///< middle of the peer's NTP time
    Steady last_sr_at_{};
    std::uint64_t reported_expected_ = 0, reported_lost_ = 0;
};

}  // namespace boni::media
