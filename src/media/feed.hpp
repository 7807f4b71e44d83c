// Audio and marks from another thread for the caller's ear: what a media stream or an agent says (media.md 8).
//
// The other side is the Feed's writer: it offers pieces, takes them back when they were played, and frees them; the media thread
// neither allocates nor frees. At most `pieces_max` are on the media thread's side, so what waits for its turn stays with the writer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/container/static_vector.hpp>

#include "media/ring.hpp"
#include "media/tap.hpp"

namespace boni::media {

/// Either audio or a mark.
struct Piece {
    std::vector<std::int16_t> samples;   ///< 8 kHz
    std::uint64_t mark = 0;              ///< the writer's number of it; 0: audio
    std::uint32_t round = 0;             ///< of the writer's clears when it was offered
    bool filler = false;                 ///< audio that is heard, but counts as nothing of what was played

    std::size_t used = 0;                ///< samples of it that were played
    std::uint64_t played = 0;            ///< of a mark that came back: samples of this feed played before it
};

class Feed {
  public:
    static constexpr std::size_t pieces_max = 32;

    explicit Feed(std::shared_ptr<Waker> waker) : waker_{std::move(waker)} {}
    Waker& waker() const { return *waker_; }

    // --- the writer's thread
    /// False when the media thread has `pieces_max`; the piece stays the caller's.
    bool offer(std::unique_ptr<Piece>& piece);
    /// Played, cut by `clear`, or marks whose packet has left. Audio before the marks that follow it.
    std::unique_ptr<Piece> take_back();
    bool has_back() const { return !back_.empty(); }
    /// From the next packet on nothing is heard of what was offered before.
    void clear() { round_.fetch_add(1, std::memory_order_release); }
    std::size_t out() const { return out_; }         ///< pieces not taken back yet

    // --- the media thread
    /// The next samples; the rest of `frame` stays as it is. `position` is the packetiser's, of the frame's first sample.
    void fill(Frame& frame, std::uint64_t position);
    /// Nothing may be heard now, by a play or a digit: what waits keeps waiting, a `clear` works all the same.
    void hold(std::uint64_t position);
    /// Gives back the marks that lie before `sent`. True: the writer has something to take.
    bool settle(std::uint64_t sent);

  private:
    void collect(std::uint64_t position);
    std::size_t waiting() const;
    void give_back(std::unique_ptr<Piece> piece);
    void pass_marks(std::uint64_t position);

    struct Passed {
        std::unique_ptr<Piece> mark;
        std::uint64_t position;          ///< of the sample after the last one before it
    };
    Ring<std::unique_ptr<Piece>> offered_{pieces_max}, back_{pieces_max};
    std::atomic<std::uint32_t> round_ = 0;
    std::size_t out_ = 0;                // the writer's

    boost::container::static_vector<std::unique_ptr<Piece>, pieces_max> queue_;   // the media thread's, from here on
    boost::container::static_vector<Passed, pieces_max> passed_;
    std::uint64_t played_ = 0;
    int partial_ticks_ = 0;              ///< that less than a frame has waited for more
    bool gave_ = false;
    std::shared_ptr<Waker> const waker_;
};

}  // namespace boni::media
