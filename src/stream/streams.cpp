#include "stream/streams.hpp"

#include <list>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "stream/session.hpp"

namespace boni::stream {
namespace {

constexpr std::chrono::microseconds close_together{500}, gather_for{1'000};

/// io.run(), but where events come close together it looks once a millisecond for all that came: waking a thread costs more than a frame does,
/// and nobody hears a millisecond.
void run_gathering(asio::io_context& io) {
    for (;;) {
        auto const from = std::chrono::steady_clock::now();
        if (io.run_one() == 0) return;
        io.poll();
        if (std::chrono::steady_clock::now() - from < close_together) std::this_thread::sleep_until(from + gather_for);
    }
}

}  // namespace

struct Streams::Inner {
    Inner(egress::Policy const& policy, asio::any_io_executor where)
        : control{std::move(where)}, resolver{io.get_executor()}, client{policy, resolver}, woken{io, ::dup(waker->fd())} {}

    asio::any_io_executor control;
    asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};   // as the control thread's
    asio::executor_work_guard<asio::io_context::executor_type> busy{io.get_executor()};
    egress::DnsResolver resolver;
    egress::WebSocketClient client;
    std::shared_ptr<media::Waker> waker = std::make_shared<media::Waker>();
    asio::posix::stream_descriptor woken;
    std::list<std::shared_ptr<Session>> live;
    std::thread thread;

    void listen();
    void start(std::shared_ptr<Session> session);
};

/// A media thread has something: whoever it is for takes it.
void Streams::Inner::listen() {
    woken.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
        if (error) return;
        waker->looked();
        for (auto const& session : live) session->look();
        listen();
    });
}

void Streams::Inner::start(std::shared_ptr<Session> session) {
    static auto& open = metrics::gauge("boni_stream_active", "Media streams that are open or being opened");
    open.Increment();
    auto const at = live.insert(live.end(), session);
    asio::co_spawn(io, session->run(), [this, at](std::exception_ptr escaped) {
        auto const session = *at;
        live.erase(at);
        open.Decrement();
        if (!escaped) return;
        session->broke();                // whoever waits for the stream's end must not wait for ever
        try {
            std::rethrow_exception(escaped);
        } catch (std::exception const& error) {
            log_error("stream", error.what());
        }
    });
}

Streams::Streams(egress::Policy const& policy, asio::any_io_executor control) : inner_{std::make_shared<Inner>(policy, std::move(control))} {
    inner_->listen();
    inner_->thread = std::thread{[inner = inner_.get()] {
        pthread_setname_np(pthread_self(), "stream");
        run_gathering(inner->io);
    }};
}

Streams::~Streams() {
    asio::post(inner_->io, [inner = inner_.get()] {
        for (auto const& session : inner->live) session->stop("shutdown");
        inner->woken.cancel();
        inner->busy.reset();
    });
    inner_->thread.join();
}

std::unique_ptr<Stream> Streams::open(Wanted wanted, std::function<void(Told)> tell) {
    auto const& tracks = wanted.subject.tracks;
    auto const has = [&](Track track) { return std::ranges::find(tracks, track) != tracks.end(); };
    auto tap = std::make_shared<media::Tap>(inner_->waker, media::Tap::Options{.heard = has(Track::inbound), .said = has(Track::outbound)});
    auto feed = wanted.bidirectional ? std::make_shared<media::Feed>(inner_->waker) : nullptr;
    auto told = [control = inner_->control, tell = std::move(tell)](Told what) {
        asio::post(control, [tell, what = std::move(what)]() mutable { tell(std::move(what)); });
    };
    auto const where = inner_->io.get_executor();
    auto session = std::make_shared<Session>(where, inner_->client, std::move(wanted), tap, feed, std::move(told));
    asio::post(where, [inner = inner_.get(), session] { inner->start(session); });
    return std::unique_ptr<Stream>{new Stream{std::move(session), where, std::move(tap), std::move(feed)}};
}

}  // namespace boni::stream
