// What the peer says to the caller: minutes of it wait here, a few pieces at a time go to the media thread (media-stream 4 and 5).
// Thread: the stream's.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "media/feed.hpp"
#include "stream/samples.hpp"

namespace boni::stream {

constexpr std::size_t payload_waiting_max = 5 * 1024 * 1024;   ///< bytes: 10.9 minutes of mu-law
constexpr std::size_t marks_waiting_max = 4096;
constexpr std::size_t mark_name_max = 256;                     ///< bytes

class Speaker {
  public:
    Speaker(ContentType const& type, std::shared_ptr<media::Feed> feed);

    /// Empty, or why it was refused whole: "buffer_overflow", "odd_length".
    std::string_view say(std::string_view payload);
    /// Empty, "too_many_marks" or "mark_name_too_long".
    std::string_view mark(std::string name);
    /// Silence from the next packet on; marks come back by themselves.
    void clear();
    /// What is left is neither heard nor echoed: its socket is gone.
    void forget();
    /// Audio of ours, not the peer's: it is in nobody's `played_ms` or bytes.
    void fill(std::vector<std::int16_t> samples) { queue(std::move(samples), true); }

    struct Echo { std::string name; std::uint64_t played_ms; };
    /// Takes back what was played and hands over what comes next. The marks that were reached, in order.
    std::vector<Echo> turn();

    bool has_turned() const { return feed_->has_back(); }        ///< `turn` has something to take back
    bool silent() const { return waiting_.empty() && feed_->out() == 0; }
    std::uint64_t queued_ms() const { return samples_waiting_ * 1000 / media::sample_hz; }   ///< not played yet, or only in part
    std::uint64_t bytes_played() const { return samples_played_ * bytes_per_second_ / media::sample_hz; }

  private:
    void queue(std::vector<std::int16_t> samples, bool filler);
    void take_back(std::unique_ptr<media::Piece> piece, std::vector<Echo>& echoes);
    std::size_t bytes_of(std::size_t samples) const { return samples * bytes_per_second_ / media::sample_hz; }

    std::size_t const bytes_per_second_;         // of payload
    Decoder decoder_;
    std::shared_ptr<media::Feed> feed_;
    std::deque<std::unique_ptr<media::Piece>> waiting_;
    std::deque<std::pair<std::uint64_t, std::string>> marks_;   // in the order in which they come back, by number
    std::uint64_t last_mark_ = 0;
    std::size_t samples_waiting_ = 0;            // offered or not, but not played yet
    std::uint64_t samples_played_ = 0;
};

}  // namespace boni::stream
