#include "media/media_thread.hpp"

#include <pthread.h>
#include <sched.h>

#include "base/metrics.hpp"

namespace boni::media {
namespace {

constexpr auto tick_period = 20ms;
constexpr std::uint64_t catch_up_max = 3;      // ticks; the rest of the missed time is skipped
constexpr unsigned window_ticks = 500;         // 10 s
constexpr auto very_late = 40ms;
constexpr std::size_t unread_max = 65'536;     // a control thread that is dead for minutes

std::int64_t nanoseconds(Steady at) { return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count(); }

}  // namespace

MediaThread::MediaThread(int core, EventFd const& control) : control_{control} {
    first_tick_ = now_ = std::chrono::steady_clock::now() + tick_period;   // steady_clock is CLOCK_MONOTONIC
    tick_ = make_tick_fd(nanoseconds(first_tick_), std::chrono::nanoseconds{tick_period}.count());
    io_ = make_epoll_io(tick_.get(), wake_.get());
    unread_.reserve(256);
    thread_ = std::thread{[this] { run(); }};
    pthread_setname_np(thread_.native_handle(), "media");
    if (core < 0) return;
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(unsigned(core), &cores);
    pthread_setaffinity_np(thread_.native_handle(), sizeof cores, &cores);   // refused in a container: then the kernel chooses
}

MediaThread::~MediaThread() {
    stop_.store(true);
    wake_.signal();
    thread_.join();
}

bool MediaThread::post(Command&& command) {
    if (!commands_.push(std::move(command))) {
        starved_.store(true);
        return false;
    }
    wake_.signal();
    return true;
}

// Packets first: they are what is waiting; then what the owner wants; then the tick, which sends.
void MediaThread::run() {
    while (!stop_.load()) {
        auto const woken = io_->wait(*this);
        now_ = std::chrono::steady_clock::now();
        if (woken.commands) commands();
        if (woken.ticks > 0) ticks(woken.ticks);
        if (std::exchange(told_, false)) control_.signal();
        if (auto* const waker = std::exchange(wake_reader_, nullptr)) waker->wake();
    }
    for (auto& line : lines_)
        if (line) line->stream.stop_recording();   // so that the writer finishes the file
}

void MediaThread::received(std::uint32_t token, Address const& from, Bytes bytes) {
    auto const slot = token >> 1;
    auto& line = *lines_[slot];
    auto const now = std::chrono::steady_clock::now();   // per packet: jitter is measured with it
    ++packets_in_;
    if (token & 1 || looks_like_rtcp(bytes)) line.stream.receive_rtcp(bytes, from, now, actions_);
    else line.stream.receive_rtp(bytes, from, now, actions_);
    now_ = now;
    if (actions_.wake) wake_reader_ = std::exchange(actions_.wake, nullptr);
    if (!actions_.reports.empty()) flush(slot, line);
}

void MediaThread::commands() {
    for (Command command; commands_.pop(command);) apply(command.slot, command.what);
    if (starved_.exchange(false)) told_ = true;
}

void MediaThread::apply(Slot slot, decltype(Command::what)& what) {
    if (auto* const add = std::get_if<command::Add>(&what)) return this->add(slot, std::move(add->line));
    if (slot >= lines_.size() || !lines_[slot]) return;
    if (std::holds_alternative<command::Close>(what)) return close(slot);
    auto& line = *lines_[slot];
    auto& stream = line.stream;
    if (auto* const configure = std::get_if<command::Configure>(&what)) stream.configure(configure->config, now_, actions_);
    else if (auto* const play = std::get_if<command::Play>(&what)) stream.play(std::move(play->item), actions_);
    else if (auto* const stop = std::get_if<command::Stop>(&what)) stream.stop(stop->id, actions_);
    else if (auto* const digits = std::get_if<command::SendDigits>(&what)) stream.send_digits(digits->digits, actions_);
    else if (auto* const digit = std::get_if<command::SignalledDigit>(&what)) stream.signalled_digit(digit->key, now_, actions_);
    else if (auto* const record = std::get_if<command::Record>(&what)) stream.record(std::move(record->recording));
    else if (std::holds_alternative<command::StopRecording>(what)) stream.stop_recording();
    else if (auto* const listen = std::get_if<command::Listen>(&what)) stream.listen(std::move(listen->tap), index_);
    else if (auto* const unlisten = std::get_if<command::Unlisten>(&what)) stream.unlisten(unlisten->tap.get());
    else if (auto* const feed = std::get_if<command::Feed>(&what)) stream.feed(std::move(feed->feed));
    flush(slot, line);
}

void MediaThread::add(Slot slot, std::unique_ptr<Line> line) {
    if (slot >= lines_.size()) lines_.resize(slot + 1uz);
    auto const watched = io_->watch(line->sockets.rtp.get(), slot << 1) && io_->watch(line->sockets.rtcp.get(), slot << 1 | 1);
    lines_[slot] = std::move(line);
    if (!watched) tell({.slot = slot, .report = {Failed{"the kernel watches no more sockets"}}});
}

void MediaThread::close(Slot slot) {
    auto line = std::move(lines_[slot]);
    line->stream.close(now_, actions_);
    flush(slot, *line);
    io_->forget(line->sockets.rtp.get());
    io_->forget(line->sockets.rtcp.get());
    line->sockets = {};
    tell({.slot = slot, .gone = std::move(line)});
}

void MediaThread::ticks(std::uint64_t due) {
    if (due > catch_up_max) {
        auto const missed = due - catch_up_max;
        index_ += missed;
        for (Slot slot = 0; slot < lines_.size(); ++slot) {
            if (!lines_[slot]) continue;
            lines_[slot]->stream.skip(missed, actions_);
            flush(slot, *lines_[slot]);
        }
        due = catch_up_max;
    }
    for (; due > 0; --due) tick_once();
}

void MediaThread::tick_once() {
    auto const late = now_ - (first_tick_ + index_ * tick_period);
    auto const seconds = std::max(0.0, std::chrono::duration<double>(late).count());
    ++late_[std::size_t(std::ranges::lower_bound(late_bounds, seconds) - late_bounds.begin())];
    late_sum_ += seconds;
    if (late > very_late) ++very_late_in_window_;
    for (Slot slot = 0; slot < lines_.size(); ++slot) {
        if (!lines_[slot]) continue;
        lines_[slot]->stream.tick(index_, now_, actions_);
        if (actions_.wake) wake_reader_ = actions_.wake;
        flush(slot, *lines_[slot]);
    }
    ++index_;
    if (++ticks_in_window_ == window_ticks) {
        overloaded_.store(very_late_in_window_ * 100 > window_ticks, std::memory_order_relaxed);
        ticks_in_window_ = very_late_in_window_ = 0;
    }
    if (ticks_in_window_ % 50 == 0) second();
}

void MediaThread::flush(Slot slot, Line& line) {
    auto const rtp = line.sockets.rtp.get();
    if (auto const only = line.stream.only_source(now_); only != line.connected) {
        line.connected = only;
        connect_to(rtp, only ? &*only : nullptr);
    }
    // All RTP comes before the one RTCP compound.
    std::span<OutPacket const> const packets{actions_.packets.data(), actions_.packets.size()};
    auto const rtcp_at = std::size_t(std::ranges::find(packets, true, &OutPacket::rtcp) - packets.begin());
    if (rtcp_at > 0) {
        auto const& to = packets.front().to;
        if (line.connected && *line.connected != to) {   // a last packet to the old address, after a move
            connect_to(rtp, nullptr);
            line.connected.reset();
        }
        io_->send(rtp, packets.first(rtcp_at), line.connected.has_value());
    }
    if (rtcp_at < packets.size()) io_->send(line.sockets.rtcp.get(), packets.subspan(rtcp_at), false);
    packets_out_ += packets.size();
    for (auto& report : actions_.reports) {
        auto const measured = std::holds_alternative<QualitySample>(report.event);
        tell({.slot = slot, .report = std::move(report), .whole = measured ? line.stream.whole() : Quality{}});
    }
    actions_.clear();
}

void MediaThread::tell(FromThread&& message) {
    told_ = true;
    if (unread_.empty() && reports_.push(std::move(message))) return;
    auto const* const sample = std::get_if<QualitySample>(&message.report.event);
    auto const interim = sample != nullptr && !sample->final && !message.gone;
    if (!interim && unread_.size() < unread_max) unread_.push_back(std::move(message));
}

void MediaThread::second() {
    auto sent = 0uz;
    while (sent < unread_.size() && reports_.push(std::move(unread_[sent]))) ++sent;
    if (sent > 0) {
        unread_.erase(unread_.begin(), unread_.begin() + std::ptrdiff_t(sent));
        told_ = true;
    }
    static auto& in = metrics::counter("boni_rtp_packets_total", "RTP and RTCP packets by direction", {{"dir", "in"}});
    static auto& out = metrics::counter("boni_rtp_packets_total", "RTP and RTCP packets by direction", {{"dir", "out"}});
    static auto& late = metrics::histogram("boni_rtp_tick_late_seconds", "How late the 20 ms tick began",
                                           {late_bounds.begin(), late_bounds.end()});
    in.Increment(double(packets_in_ - std::exchange(published_in_, packets_in_)));
    out.Increment(double(packets_out_ - std::exchange(published_out_, packets_out_)));
    late.ObserveMultiple(late_, late_sum_);
    std::ranges::fill(late_, 0.0);
    late_sum_ = 0;
}

}  // namespace boni::media
