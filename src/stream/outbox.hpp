// What waits to be sent to the peer: audio that may be dropped, oldest first, and messages that may not (media-stream 5).
// Pure. Thread: the stream's.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <variant>

#include "stream/dialect.hpp"

namespace boni::stream {

constexpr std::size_t frames_waiting_max = 250;          ///< of one track: 5 s

class Outbox {
  public:
    /// `frames`: of one message of audio.
    explicit Outbox(std::size_t frames = 1) : audio_waiting_max_{frames_waiting_max / frames} {}

    struct Digit { char key; };
    struct Mark { std::string name; std::uint64_t played_ms; };
    struct Ping {};
    struct Stop { std::string reason; };
    struct Fault { std::string code; };                  ///< of the peer, which wants to know; once per kind
    using Item = std::variant<Media, Digit, Mark, Ping, Stop, Fault, Speech, Backlog>;

    /// Audio of a track that has 250 frames waiting pushes its oldest message out.
    void push(Item item);
    std::optional<Item> pop();
    bool empty() const { return items_.empty(); }
    std::size_t marks() const { return marks_; }         ///< waiting
    void new_socket();                                   ///< what was an answer to the old one, or about what it had queued, is not sent
    std::uint64_t dropped() const { return dropped_; }   ///< messages of audio

  private:
    std::size_t audio_waiting_max_;
    std::deque<Item> items_;
    std::array<std::size_t, 2> frames_{};                // waiting, by track
    std::size_t marks_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace boni::stream
