// Digits: RFC 4733 events in and out, and the gate that counts a digit once when it comes over two paths (media.md 5.4).
// Lives on a media thread; pure, takes `now`. Digits are never logged.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "media/packet.hpp"
#include "media/port_event.hpp"

namespace boni::media {

/// Events 0 to 15 of RFC 4733 2.5.2 as keys.
constexpr std::string_view event_keys = "0123456789*#ABCD";

/// An event is complete so long after its last packet when all three end packets were lost.
constexpr auto event_end_after = 120ms;

class EventReceiver {
  public:
    struct Heard {
        std::array<char, 2> keys{};   ///< completed digits in order; a new event also completes the one before it
        std::array<Steady, 2> since{};   ///< when their first packets came
        std::size_t count = 0;
        bool began = false;           ///< the first packet of an event, whatever packet that is
    };
    /// `timestamp` is the packet's: frozen at the start of the event, and so its name, with the key. Repeats count once, markers are not
    /// needed. `late`: packets that were sent after it have come before it. A timestamp that goes back in order is a clock set anew, unless
    /// it goes on with the event before: whose ends come between the packets of the next one, or who holds two keys.
    Heard receive(Bytes payload, std::uint32_t timestamp, bool late, Steady now);
    /// The digit whose end was never heard.
    std::optional<char> poll(Steady now);
    bool sounding() const { return state_ == State::sounding; }   ///< a key is down
    Steady since() const { return since_; }   ///< when the first packet of the newest event came
    void reset() { state_ = State::idle; }

  private:
    struct Event {
        std::uint8_t key = 0;
        std::uint32_t timestamp = 0;
        std::uint16_t duration = 0;   ///< as last heard
    };
    bool continues(Event const& packet, bool end) const;
    bool of_the_one_before(Event const& packet);

    enum class State { idle, sounding, ended } state_ = State::idle;
    Event event_;
    std::optional<Event> before_;     ///< the one that the newest event completed or followed
    Steady last_{}, since_{};
};

/// One press seen through two paths counts once: when no 100 ms lie between the time it has on one and the time it has on the other. A
/// gateway may send its INFO when the key goes down, and RTP tells a digit when it goes up. Twice on one path are two digits.
class DigitGate {
  public:
    bool passes(char key, Digit::Path path, Steady down, Steady up);

  private:
    char key_ = 0;
    Digit::Path path_{};
    Steady down_{}, up_{};
};

/// Sends what was queued: 100 ms each, 60 ms between them. One step is one tick of 20 ms.
class EventSender {
  public:
    static constexpr std::size_t waiting_max = 64;

    /// False when the queue is full or `key` is no event.
    bool push(char key);
    std::size_t waiting() const { return count_; }

    struct Packet {
        std::array<std::uint8_t, 4> payload{};
        bool marker = false;
        std::uint32_t timestamp = 0;
    };
    struct Step {
        std::optional<Packet> packet;   ///< takes the place of this tick's audio
        bool finished = false;          ///< the last waiting digit is out, gap included
    };
    /// `timestamp` is the audio clock at this tick; the event keeps the one of its first step.
    Step step(std::uint32_t timestamp);
    bool busy() const { return step_ > 0 || count_ > 0; }

  private:
    std::array<std::uint8_t, waiting_max> queue_{};
    std::size_t head_ = 0, count_ = 0;
    unsigned step_ = 0;
    std::uint32_t timestamp_ = 0;
};

}  // namespace boni::media
