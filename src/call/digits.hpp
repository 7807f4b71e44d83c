// Digits the caller pressed and nobody has read yet. They are never logged, stored or sent as an event.
//
// Thread: control. Owner: Call. Bounded: 64 digits; the oldest is dropped, nobody types that far ahead.
#pragma once

#include <deque>
#include <optional>

#include "base/bell.hpp"

namespace boni::call {

/// Pure: takes `now`.
class DigitBuffer {
  public:
    static constexpr auto kept_for = 2s;               ///< digits this old still count for a gather that starts now
    static constexpr std::size_t digits_max = 64;

    void push(char key, Steady at);
    /// Forgets what was pressed before `since`; a gather starts with `now - kept_for`.
    void forget_before(Steady since);
    std::optional<char> take();                        ///< the oldest; each digit is taken once
    bool empty() const { return pressed_.empty(); }

  private:
    struct Pressed { char key; Steady at; };
    std::deque<Pressed> pressed_;
};

/// The buffer with a task that waits for the next digit; one waiter at a time.
class Digits {
  public:
    static constexpr auto held_max = 5s;               ///< a key that is down is waited for so long, it may be stuck

    explicit Digits(asio::any_io_executor where) : changed_{where} {}

    void push(char key, Steady at);
    void held(bool held);                              ///< a key is down, and which one is told when it is up
    void begin(Steady now) { buffer_.forget_before(now - DigitBuffer::kept_for); }
    bool waiting() const { return !buffer_.empty(); }   ///< something was pressed and not read
    /// The next digit, pressed within `limit`: of a key that is down when that is over too, when it comes up. May return nothing sooner.
    Task<std::optional<char>> next(std::chrono::steady_clock::duration limit);
    /// Returns as soon as something is there to be read; cancelled by whoever waits beside it.
    Task<> any();

  private:
    DigitBuffer buffer_;
    bool held_ = false;
    Bell changed_;                                     ///< rings when a digit comes, or a key is up again
};

}  // namespace boni::call
