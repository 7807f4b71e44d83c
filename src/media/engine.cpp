#include "media/engine_inner.hpp"

#include <algorithm>
#include <thread>

#include <boost/asio/post.hpp>

#include "base/metrics.hpp"

namespace boni::media {
namespace {

constexpr int bind_tries = 16;   // another program may sit on single ports of the range

std::size_t thread_count(EngineConfig const& config) {
    if (config.threads > 0) return config.threads;
    return std::max(2u, std::thread::hardware_concurrency()) - 1;
}

}  // namespace

Engine::Engine(EngineConfig config, asio::any_io_executor control) : inner_{std::make_shared<Inner>(std::move(config), control)} {
    inner_->start();
}

Engine::~Engine() { inner_->stop(); }

Engine::Inner::Inner(EngineConfig settings, asio::any_io_executor executor)
    : config{std::move(settings)}, control{executor}, ports{config.port_first, config.port_last},
      wake{executor, ::dup(from_threads.get())},
      ports_gauge{metrics::gauge("boni_rtp_ports_in_use", "RTP port pairs held by legs")},
      lost_counter{metrics::counter("boni_rtp_lost_packets_total", "RTP packets that never arrived")},
      jitter_histogram{metrics::histogram("boni_rtp_jitter_seconds", "Interarrival jitter of a leg, per sample of 5 s",
                                          {0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2})} {}

void Engine::Inner::start() {
    // An address that no interface has lets no call have audio: told at the start.
    auto const address = Address::parse(config.bind_address, 0);
    auto const usable = address ? try_bind(*address) : std::unexpected(address.error());
    if (!usable) throw std::runtime_error{usable.error().what};
    auto const count = thread_count(config);
    auto const cores = std::thread::hardware_concurrency();
    auto const pin = config.pin_threads && count < cores;   // core 0 is left to control and signalling
    for (auto i = 0uz; i < count; ++i)
        threads.emplace_back().media = std::make_unique<MediaThread>(pin ? int(i + 1) : -1, from_threads);
    listen();
}

void Engine::Inner::stop() {
    stopped = true;
    for (auto& thread : threads) thread.media.reset();
    writer.reset();   // finishes the files
    boost::system::error_code ignored;
    wake.close(ignored);
}

void Engine::Inner::listen() {
    wake.async_wait(asio::posix::stream_descriptor::wait_read, [weak = weak_from_this()](boost::system::error_code error) {
        auto const self = weak.lock();
        if (error || !self || self->stopped) return;
        self->from_threads.drain();
        self->read_all();
        if (!self->stopped) self->listen();
    });
}

void Engine::Inner::read_all() {
    for (auto& thread : threads) {
        for (FromThread message; thread.media && thread.media->read(message);) dispatch(thread, std::exchange(message, {}));
        flush_backlog(thread);
    }
}

void Engine::Inner::dispatch(Thread& thread, FromThread message) {
    if (message.gone) return gone(thread, std::move(message));
    if (auto const* const sample = std::get_if<QualitySample>(&message.report.event); sample && !sample->final) {
        lost_counter.Increment(double(sample->sample.lost));
        if (sample->sample.packets_received > 0) jitter_histogram.Observe(sample->sample.jitter_ms / 1000);
    }
    auto* const handle = thread.legs[message.slot].handle;
    if (handle == nullptr) return;
    if (auto const* const sample = std::get_if<QualitySample>(&message.report.event)) {
        handle->figures->whole = message.whole;
        if (sample->final) handle->figures->complete.ring();
    }
    auto const on_event = handle->on_event;
    if (*on_event) (*on_event)(std::move(message.report.event));
}

void Engine::Inner::gone(Thread& thread, FromThread message) {
    auto& leg = thread.legs[message.slot];
    ports.give_back(leg.port, std::chrono::steady_clock::now());
    ports_gauge.Set(double(ports.in_use()));
    if (leg.handle) leg.handle->inner.reset();   // the slot may go to another; this port has none any more
    leg = {};
    thread.free.push_back(message.slot);
    --thread.in_use;
}

bool Engine::Inner::post(std::size_t index, Command command, bool droppable) {
    auto& thread = threads[index];
    if (stopped) return false;
    flush_backlog(thread);
    if (thread.backlog.empty() && thread.media->post(std::move(command))) return true;
    if (droppable) return false;
    thread.backlog.push_back(std::move(command));
    return true;
}

void Engine::Inner::flush_backlog(Thread& thread) {
    while (thread.media && !thread.backlog.empty() && thread.media->post(std::move(thread.backlog.front()))) thread.backlog.pop_front();
}

void Engine::Inner::tell(Port::Handle const& handle, PortEvent event) {
    asio::post(handle.figures->control, [weak = std::weak_ptr{handle.on_event}, event = std::move(event)]() mutable {
        if (auto const on_event = weak.lock(); on_event && *on_event) (*on_event)(std::move(event));
    });
}

Result<SocketPair> Engine::Inner::bind(Address& local, Steady now) {
    for (auto tries = 0; tries < bind_tries; ++tries) {
        auto const port = ports.take(now);
        if (!port) return fail(Errc::unavailable, "media: no RTP port is free");
        local.port = *port;
        auto pair = bind_pair(local);
        if (pair) return pair;
        ports.give_back(*port, now);
        if (pair.error().code != Errc::conflict) return pair;
    }
    return fail(Errc::unavailable, "media: the RTP ports tried are used by another program");
}

Result<std::unique_ptr<Port>> Engine::open(OnEvent on_event, std::string local_ip, std::string public_ip) {
    auto& inner = *inner_;
    auto best = inner.threads.end();
    for (auto at = inner.threads.begin(); at != inner.threads.end(); ++at)
        if (!at->media->overloaded() && (best == inner.threads.end() || at->in_use < best->in_use)) best = at;
    if (best == inner.threads.end()) return fail(Errc::unavailable, "media: every thread is overloaded");
    auto const now = std::chrono::steady_clock::now();
    TRY(auto bound, Address::parse(inner.config.bind_address, 0));
    auto const known = std::array{public_ip, inner.config.public_address, local_ip, bound.ip_text()};
    TRY(auto shown, Address::parse(*std::ranges::find_if_not(known, &std::string::empty), 0));
    TRY(auto sockets, inner.bind(bound, now));
    shown.port = bound.port;

    auto& thread = *best;
    if (thread.free.empty()) {
        thread.free.push_back(Slot(thread.legs.size()));
        thread.legs.emplace_back();
    }
    auto const slot = thread.free.back();
    thread.free.pop_back();
    auto handle = std::make_unique<Port::Handle>(Port::Handle{
        .inner = inner_, .thread = std::size_t(best - inner.threads.begin()), .slot = slot, .local = shown,
        .on_event = std::make_shared<OnEvent>(std::move(on_event)), .figures = std::make_shared<Figures>(inner.control)});
    thread.legs[slot] = {.handle = handle.get(), .port = bound.port};
    ++thread.in_use;
    inner.ports_gauge.Set(double(inner.ports.in_use()));
    auto line = std::make_unique<Line>(system_clock().now(), now, std::move(sockets));
    inner.post(handle->thread, {.slot = slot, .what = command::Add{std::move(line)}});
    return std::unique_ptr<Port>{new Port{std::move(handle)}};
}

std::size_t Engine::ports_in_use() const { return inner_->ports.in_use(); }

bool Engine::overloaded() const {
    return std::ranges::all_of(inner_->threads, [](auto const& thread) { return thread.media->overloaded(); });
}

}  // namespace boni::media
