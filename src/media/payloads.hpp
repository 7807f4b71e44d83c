// The bytes of packets that wait for their turn, in one ring: the oldest give way, however long each is. Thread: its owner's; pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "media/packet.hpp"

namespace boni::media {

template <std::size_t capacity>
class Payloads {
  public:
    struct Place {
        std::uint64_t at = 0;              ///< in all that was ever kept
        std::size_t size = 0;
    };
    /// Of at most `capacity` bytes.
    Place keep(Bytes payload) {
        auto const left = capacity - end_ % capacity;
        if (payload.size() > left) end_ += left;   // in one piece
        Place const place{end_, payload.size()};
        std::ranges::copy(payload, bytes_.begin() + std::ptrdiff_t(place.at % capacity));
        end_ += place.size;
        return place;
    }
    bool holds(Place const& place) const { return end_ - place.at <= capacity; }
    /// What `holds`; until something else is kept.
    Bytes at(Place const& place) const { return Bytes{bytes_}.subspan(place.at % capacity, place.size); }

  private:
    std::array<std::uint8_t, capacity> bytes_{};
    std::uint64_t end_ = 0;
};

}  // namespace boni::media
