// From the jitter buffer to one frame per tick: decode, conceal, comfort noise. Lives on a media thread; pure, takes `now`.
#pragma once

#include <array>

#include "media/cn.hpp"
#include "media/jitter.hpp"
#include "media/plc.hpp"

namespace boni::media {

class Playout {
  public:
    void insert(Jitter::Arrival const& arrival, Steady now) { jitter_.insert(arrival, now); }
    /// The next 20 ms; silence where there is nothing.
    void frame(Frame& out, Steady now);

    Jitter const& jitter() const { return jitter_; }
    std::uint64_t concealed() const { return plc_.concealed(); }

  private:
    void pull(Frame& out);
    void piece(Jitter::Piece const& piece, std::span<std::int16_t> out);
    void fade_in(std::span<std::int16_t> out);

    Jitter jitter_;
    Concealer plc_;
    Noise noise_;
    std::array<std::int16_t, Jitter::payload_max> decoded_{};   ///< the packet that is being played
    int fade_ = 0;                 ///< samples of the fade-in still to come
    bool was_playing_ = false;
};

}  // namespace boni::media
