// The truth about what was heard (media.md 8): how many samples of each item left in RTP. Lives on a media thread; pure.
// Positions count the audio samples given to the packetiser since the leg began.
#pragma once

#include <cstdint>
#include <optional>

#include <boost/container/static_vector.hpp>

#include "media/clip.hpp"
#include "media/port_event.hpp"

namespace boni::media {

class Ledger {
  public:
    /// `samples` of the item went to the packetiser at `position`; the samples of one item follow each other without a gap.
    void add(PlayId id, std::uint64_t position, std::size_t samples);
    /// No more samples will come; `finished`: it ended by itself.
    void close(PlayId id, bool finished, Clip clip);

    struct Settled {
        PlayId id{};
        std::uint64_t heard = 0;   ///< samples
        bool finished = false;
        Clip clip;
    };
    /// The next closed item whose last sample lies before `sent`; call until empty.
    std::optional<Settled> settle(std::uint64_t sent);

  private:
    struct Entry {
        PlayId id{};
        std::uint64_t begin = 0, end = 0;
        bool closed = false, finished = false;
        Clip clip{};
    };
    /// The queue of 32, the one that plays, and what waits for its packet; all are settled within one packet.
    boost::container::static_vector<Entry, 80> entries_;
};

}  // namespace boni::media
