// The control thread's half of the engine: slots, ports, commands out, events in. Private to engine.cpp and port.cpp.
#pragma once

#include <deque>
#include <vector>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include "base/bell.hpp"
#include "base/event_fd.hpp"
#include "media/engine.hpp"
#include "media/media_thread.hpp"
#include "media/ports.hpp"
#include "media/recorder.hpp"

namespace boni::media {

/// Of one recording; shared by the port, its awaiting task and the way back from the writer thread. Control thread.
struct RecordingState {
    explicit RecordingState(asio::any_io_executor control) : changed{control} {}
    std::shared_ptr<Recording> recording;
    Bell changed;                        ///< rings when something below does
    bool opened = false;
    bool leg_over = false;               ///< its slot may belong to another leg by now
    bool tapped = false;                 ///< the media thread has been told of it
    bool given_up = false;               ///< before that: it took too long to begin, or was stopped. Nobody will tap it
    std::optional<Result<Recorded>> ended;
};

/// Outlives the port for the task that awaits the end. Control thread.
struct Figures {
    explicit Figures(asio::any_io_executor where) : control{where}, complete{where} {}
    asio::any_io_executor control;       ///< also once its port has no engine any more
    Quality whole;
    Bell complete;                       ///< rings with the final sample
};

/// What a port is on the control thread. Dead once `slot` was given up; the rest stays readable.
struct Port::Handle {
    std::shared_ptr<Engine::Inner> inner;
    std::size_t thread = 0;
    Slot slot = 0;
    Address local;
    std::shared_ptr<Engine::OnEvent> on_event;   ///< shared, because a callback may destroy the port it belongs to
    std::uint64_t plays = 0;
    bool closing = false;
    std::shared_ptr<Figures> figures;
    std::shared_ptr<RecordingState> recording;

    bool close();
    void post(decltype(Command::what) what);   ///< nothing after `close`
};

struct Engine::Inner : std::enable_shared_from_this<Inner> {
    Inner(EngineConfig settings, asio::any_io_executor executor);

    struct Leg {
        Port::Handle* handle = nullptr;   ///< null after the port was destroyed
        std::uint16_t port = 0;
    };
    struct Thread {
        std::unique_ptr<MediaThread> media;
        std::vector<Leg> legs;            ///< by slot
        std::vector<Slot> free;
        std::deque<Command> backlog;      ///< what must not be lost and found the ring full
        std::size_t in_use = 0;
    };
    void start();
    void stop();
    void listen();
    void read_all();
    void dispatch(Thread& thread, FromThread message);
    void gone(Thread& thread, FromThread message);
    /// Delivered later, from the executor, as everything else.
    static void tell(Port::Handle const& handle, PortEvent event);
    /// In order; what finds the ring full waits. False only when `droppable` and there is no room.
    bool post(std::size_t thread, Command command, bool droppable = false);
    void flush_backlog(Thread& thread);
    Result<SocketPair> bind(Address& local, Steady now);

    EngineConfig config;
    asio::any_io_executor control;
    Ports ports;
    EventFd from_threads;                 ///< one of them has something to tell
    asio::posix::stream_descriptor wake;
    std::vector<Thread> threads;
    std::unique_ptr<RecordingWriter> writer = std::make_unique<RecordingWriter>(config.recording_free_bytes_min);
    bool stopped = false;

    prometheus::Gauge& ports_gauge;
    prometheus::Counter& lost_counter;
    prometheus::Histogram& jitter_histogram;
};

}  // namespace boni::media
