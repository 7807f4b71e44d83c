// One media thread: sockets, the 20 ms tick, and the legs that were pinned to it (media.md 3).
#pragma once

#include <atomic>
#include <thread>
#include <variant>
#include <vector>

#include <prometheus/counter.h>

#include "base/event_fd.hpp"
#include "media/packet_io.hpp"
#include "media/ring.hpp"
#include "media/sockets.hpp"
#include "media/stream.hpp"

namespace boni::media {

/// One leg on its thread. Made and freed on the control thread, used on the media thread in between.
struct Line {
    Line(Instant wall, Steady now, SocketPair pair) : stream{wall, now}, sockets{std::move(pair)} {}
    Stream stream;
    SocketPair sockets;
    std::optional<Address> connected;
};

/// A slot names a line on its thread; the control thread deals them out and reuses one only after Gone came back.
using Slot = std::uint32_t;

namespace command {
struct Add { std::unique_ptr<Line> line; };
struct Configure { PortConfig config; };
struct Play { Player::Item item; };
struct Stop { PlayId id; };
struct SendDigits { std::string digits; };
struct SignalledDigit { char key; };
struct Record { std::shared_ptr<Recording> recording; };
struct StopRecording {};
struct Listen { std::shared_ptr<Tap> tap; };
struct Unlisten { std::shared_ptr<Tap> tap; };
struct Feed { std::shared_ptr<media::Feed> feed; };
struct Close {};
}  // namespace command

struct Command {
    Slot slot = 0;
    std::variant<std::monostate, command::Add, command::Configure, command::Play, command::Stop, command::SendDigits, command::SignalledDigit,
                 command::Record, command::StopRecording, command::Listen, command::Unlisten, command::Feed,
                 command::Close> what;
};

/// What comes back. `gone` is the closed line, to be freed where it was made.
struct FromThread {
    Slot slot = 0;
    Report report{};
    Quality whole{};                 ///< beside a QualitySample
    std::unique_ptr<Line> gone;
};

/// Constructed and destroyed on the control thread; everything private happens on its own. Owner: Engine.
class MediaThread final : private PacketIo::Receiver {
  public:
    /// `core`: to be pinned to, -1 for none. `control` is signalled when something is to be read, and outlives this. Throws std::system_error.
    MediaThread(int core, EventFd const& control);
    ~MediaThread();

    /// False when the ring is full; the command stays the caller's, and `control` is signalled when there is room again.
    bool post(Command&& command);
    bool read(FromThread& out) { return reports_.pop(out); }
    bool overloaded() const { return overloaded_.load(std::memory_order_relaxed); }

  private:
    void run();
    void received(std::uint32_t token, Address const& from, Bytes bytes) override;
    void commands();
    void apply(Slot slot, decltype(Command::what)& what);
    void add(Slot slot, std::unique_ptr<Line> line);
    void close(Slot slot);
    void ticks(std::uint64_t due);
    void tick_once();
    void flush(Slot slot, Line& line);
    void tell(FromThread&& message);
    void second();

    static constexpr std::size_t commands_max = 4096, reports_max = 4096;
    Ring<Command> commands_{commands_max};
    Ring<FromThread> reports_{reports_max};
    std::atomic<bool> stop_ = false, starved_ = false, overloaded_ = false;
    EventFd const& control_;

    std::unique_ptr<PacketIo> io_;
    std::vector<std::unique_ptr<Line>> lines_;
    std::vector<FromThread> unread_;    ///< what found the ring full: kept in order, only interim samples are dropped
    Actions actions_;
    Steady first_tick_, now_;
    std::uint64_t index_ = 0;           ///< of the next tick
    bool told_ = false;
    Waker* wake_reader_ = nullptr;      ///< of taps and feeds that have something; woken once per turn of the loop

    // Counted here, published once per second.
    std::uint64_t packets_in_ = 0, packets_out_ = 0, published_in_ = 0, published_out_ = 0;
    static constexpr std::array<double, 9> late_bounds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.5};
    std::vector<double> late_ = std::vector<double>(late_bounds.size() + 1);
    double late_sum_ = 0;
    unsigned ticks_in_window_ = 0, very_late_in_window_ = 0;

    EventFd wake_;
    Fd tick_;
    std::thread thread_;
};

}  // namespace boni::media
