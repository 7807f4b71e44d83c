// Comfort noise at the level a peer signalled (RFC 3389, payload type 13). Lives on a media thread; pure.
#pragma once

#include <cstdint>
#include <span>

namespace boni::media {

class Noise {
  public:
    /// White noise of `level` -dBov RMS; 127 is silence. The spectrum a packet may carry is not followed.
    void fill(std::span<std::int16_t> out, std::uint8_t level);

  private:
    std::uint32_t state_ = 0x9e3779b9;   // any odd beginning: it only has to sound like noise
};

}  // namespace boni::media
