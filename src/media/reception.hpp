// What arrived, as RFC 3550 counts it (A.1, A.3, A.8): loss, order, jitter. Lives on a media thread; pure, takes `now`.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "media/packet.hpp"

namespace boni::media {

class Reception {
  public:
    /// stray: fits nothing and is nothing yet; more of its kind are a sender that has begun anew, which the first of them to be
    /// believed `restarted`.
    enum class Order { next, late, duplicate, restarted, stray };
    /// Every accepted packet, events included. `audio`: its timestamp tells the time of sending, so it counts for jitter.
    Order receive(RtpHeader const& header, bool audio, Steady now);

    std::uint64_t received() const { return received_; }       ///< duplicates included
    std::uint64_t lost() const;                                ///< expected and never seen
    std::uint64_t expected() const { return before_expected_ + current_expected(); }
    std::uint64_t reordered() const { return reordered_; }
    std::uint64_t duplicated() const { return duplicated_; }
    double jitter_ms() const { return jitter_ / 8; }
    std::uint32_t jitter() const { return std::uint32_t(jitter_); }   ///< timestamp units
    std::uint32_t highest() const { return std::uint32_t(highest_); } ///< extended sequence number
    std::uint32_t ssrc() const { return ssrc_; }
    bool any() const { return started_; }

  private:
    std::uint64_t current_expected() const { return started_ ? std::uint64_t(highest_ - first_ + 1) : 0; }
    bool begins_anew(RtpHeader const& header, Steady now);
    void restart(RtpHeader const& header);

    bool started_ = false;
    std::uint32_t ssrc_ = 0;
    std::int64_t first_ = 0, highest_ = 0;
    std::uint64_t seen_ = 0;               ///< bit n: highest - n arrived
    std::optional<RtpHeader> stray_;       ///< the last one, since something fitted
    Steady fitted_{};                      ///< when something last did
    std::uint64_t received_ = 0, unique_ = 0, reordered_ = 0, duplicated_ = 0;
    std::uint64_t before_expected_ = 0, before_unique_ = 0;   ///< of sources before a restart
    bool timed_ = false;
    std::uint32_t last_transit_ = 0;
    double jitter_ = 0;
};

}  // namespace boni::media
