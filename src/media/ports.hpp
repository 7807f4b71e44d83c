// The pool of RTP/RTCP port pairs (media.md 3.5): random order, oldest first, at least 5 s between two uses.
// Lives on the control thread; pure, takes `now`.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace boni::media {

constexpr auto port_quarantine = 5s;

class Ports {
  public:
    /// Even ports from `first` to `last`; the odd one above each is its RTCP port.
    Ports(std::uint16_t first, std::uint16_t last);

    /// Nothing when all are in use or a late packet of an ended call could still arrive on the rest.
    std::optional<std::uint16_t> take(Steady now);
    void give_back(std::uint16_t port, Steady now);
    std::size_t in_use() const { return in_use_; }

  private:
    struct Rested { std::uint16_t port; Steady since; };
    std::vector<std::uint16_t> fresh_;   ///< shuffled, never used
    std::deque<Rested> used_;            ///< oldest first
    std::size_t in_use_ = 0;
};

}  // namespace boni::media
