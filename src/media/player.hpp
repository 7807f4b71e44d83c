// The queue of clips of one leg: gapless, loops, fades over one packet when stopped (media.md 7). Lives on a media thread; pure.
#pragma once

#include <cstdint>
#include <span>

#include <boost/container/static_vector.hpp>

#include "media/clip.hpp"
#include "media/ledger.hpp"

namespace boni::media {

class Player {
  public:
    static constexpr std::size_t waiting_max = 32;

    struct Item {
        PlayId id{};
        Clip clip;
        int loop = 1;                ///< 0: until stopped
        bool stop_on_digit = false;
    };
    /// False when 32 clips are queued already.
    bool push(Item item);
    /// What has begun fades over the next 20 ms; what has not is closed in the ledger at once.
    void stop(PlayId id, Ledger& ledger);
    void digit(Ledger& ledger);      ///< stops the items that asked for it
    /// The end of the leg: nothing fades any more.
    void cut(Ledger& ledger);

    /// Writes over `frame` what plays now; the rest of it stays as it is. `position` is the ledger's, of the frame's first sample.
    void fill(std::span<std::int16_t> frame, std::uint64_t position, Ledger& ledger);
    bool idle() const { return queue_.empty(); }

  private:
    struct Playing {
        Item item;
        std::size_t offset = 0;      ///< of the next sample in this round
        int rounds = 0;              ///< completed
        int fade = -1;               ///< samples of the fade still to come; -1: not stopped
        bool begun = false;
    };
    template <class Which>
    void stop_if(Which which, Ledger& ledger);
    std::size_t copy(Playing& playing, std::span<std::int16_t> out);

    boost::container::static_vector<Playing, waiting_max> queue_;
};

}  // namespace boni::media
