#include "stream/session.hpp"

#include "base/metrics.hpp"
#include "media/cn.hpp"
#include "stream/upgrade.hpp"

namespace boni::stream {
namespace {

using namespace asio::experimental::awaitable_operators;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds attempt_max{2'500}, opening_max{5'000}, window{2'500};
constexpr milliseconds opening_pauses[] = {0ms, 250ms, 750ms};                        // before each attempt
constexpr milliseconds reconnect_at[] = {0ms, 250ms, 500ms, 1'000ms, 1'750ms};        // after the loss
constexpr auto steady_after = 1s;                // a socket that is lost sooner was no recovery: its window and its tries go on
constexpr auto ping_every = 10s, dead_after = 30s, stalled_after = 10s, goodbye_max = 2s;
constexpr auto look_every = 250ms;
constexpr auto quiet_after = 500ms;              // without a frame of the caller's
// How fast a peer is read; what it sends beyond waits with it, nothing is refused. A message of a 20 ms frame costs 1: eighty times real
// time, and a model's answer of two minutes at once.
constexpr double read_rate = 4'000, read_burst = 8'000, read_bytes = 512;
constexpr std::uint8_t noise_level = 62;         // -dBov: a line that is alive
constexpr std::uint16_t normal = 1000, going_away = 1001, not_websocket = 1002, no_frame = 1006, unwelcome = 1008, too_big = 1009;

bool comes_back(std::uint16_t code) {
    constexpr std::uint16_t transient[] = {1001, 1006, 1011, 1012, 1013, 1014};
    return std::ranges::find(transient, code) != std::end(transient);
}

/// What we close with.
std::uint16_t closing(std::string_view reason) {
    if (reason == "shutdown") return going_away;
    if (reason == "message_too_large") return too_big;
    return reason == "too_many_pings" ? unwelcome : normal;
}

/// A refusal by policy, certificate or the server's own word does not change within a second.
bool worth_another_try(Error const& error) {
    return error.token == "connect" || error.token == "dns" || error.token == "timeout" || error.token.starts_with("http_5");
}

}  // namespace

Session::Session(asio::any_io_executor where, egress::WebSocketClient& client, Wanted wanted, std::shared_ptr<media::Tap> tap,
                 std::shared_ptr<media::Feed> feed, std::function<void(Told)> tell)
    : client_{client}, wanted_{std::move(wanted)}, dialect_{*find_dialect(wanted_.subject.type.dialect)},
      extras_{wanted_.subject.type.extra_events ? dialect_.extras : nullptr}, tap_{std::move(tap)}, tell_{std::move(tell)},
      outbox_{std::size_t(dialect_.message_ms / frame_ms)}, filled_{where}, stopped_{where}, turned_{where}, pace_{read_rate, read_burst} {
    if (feed) speaker_.emplace(wanted_.subject.type, std::move(feed));
    for (auto const track : wanted_.subject.tracks) captured_[std::size_t(track)].encoder.emplace(wanted_.subject.type);
}

// From the first attempt to the last word.
Task<> Session::run() {
    auto const self = shared_from_this();
    auto first = co_await (connect_first() || until_stopped());
    if (first.index() == 1) co_return end(*stopping_, {});
    auto socket = std::get<0>(std::move(first));
    if (!socket) co_return end("connect_failed", {}, socket.error().token);
    opened_at_ = steady_clock::now();
    tell_(told::Opened{});
    for (auto reconnected = false;; reconnected = true) {
        talking_ = true;
        auto const how = co_await converse(**socket, reconnected);
        talking_ = false;
        low_water_.forget();
        auto const code = code_of(refused_ && !stopping_ ? How::refused : how, **socket);
        socket->reset();
        if (stopping_) co_return end(*stopping_, code);
        if (refused_) co_return end(*refused_, code);
        if (how == How::stalled) co_return end("peer_stalled", code);
        if (how == How::broken) co_return end("connection_lost", code);
        if (how == How::closed && !comes_back(code)) {
            auto const clean = code == normal || code == 1005;
            if (wanted_.play_out && clean) co_await play_out();
            co_return end(stopping_ ? *stopping_ : "peer_closed", code);
        }
        auto again = co_await (reconnect() || until_stopped());
        if (again.index() == 1) co_return end(*stopping_, code);
        socket = std::get<0>(std::move(again));
        if (!socket) co_return end("connection_lost", code);
        ++reconnects_;
    }
}

/// The code of a connection that is over (RFC 6455 7.1.5): the peer's, ours, or that there was none.
std::uint16_t Session::code_of(How how, egress::WebSocket const& socket) const {
    switch (how) {
        case How::closed: return socket.close_code();
        case How::stopped: return stopping_ ? closing(*stopping_) : normal;
        case How::refused: return closing(*refused_);
        case How::broken: return not_websocket;
        case How::lost:
        case How::dead:
        case How::stalled: break;
    }
    return no_frame;
}

// --- opening ------------------------------------------------------------------------------------------------------------------

Task<Session::Opened> Session::attempt(steady_clock::duration limit) {
    auto const whole = std::min(std::chrono::duration_cast<milliseconds>(limit), attempt_max);
    co_return co_await client_.open({.url = wanted_.url, .headers = upgrade_headers(wanted_, system_clock().now()), .limit = whole});
}

Task<Session::Opened> Session::connect_first() {
    auto const until = steady_clock::now() + opening_max;
    Opened socket = fail(Errc::unavailable, "not tried", {}, "timeout");
    for (auto const pause : opening_pauses) {
        if (steady_clock::now() + pause >= until) break;   // a try that could not begin in time is not waited for: the caller is
        co_await wait_for(pause);
        socket = co_await attempt(until - steady_clock::now());
        if (socket || !worth_another_try(socket.error())) break;
    }
    co_return socket;
}

/// The caller hears that the line is alive; what the old socket had left is gone.
Task<Session::Opened> Session::reconnect() {
    if (lost_at_ == Steady{} || steady_clock::now() - connected_at_ >= steady_after) {
        lost_at_ = steady_clock::now();
        next_try_ = 0;
    }
    outbox_.new_socket();
    if (speaker_) {
        speaker_->forget();
        std::vector<std::int16_t> noise(std::size_t(window.count()) * media::sample_hz / 1000);
        media::Noise{}.fill(noise, noise_level);
        speaker_->fill(std::move(noise));
        speaker_->turn();
    }
    Opened socket = fail(Errc::unavailable, "not tried", {}, "timeout");
    while (next_try_ < std::size(reconnect_at)) {
        co_await wait_for(std::max(lost_at_ + reconnect_at[next_try_++] - steady_clock::now(), steady_clock::duration{}));
        auto const left = lost_at_ + window - steady_clock::now();
        if (left <= 0ms) break;
        socket = co_await attempt(left);
        if (socket || !worth_another_try(socket.error())) break;
    }
    if (speaker_) speaker_->forget();
    co_return socket;
}

// --- talking ------------------------------------------------------------------------------------------------------------------

Task<Session::How> Session::converse(egress::WebSocket& socket, bool reconnected) {
    connected_at_ = steady_clock::now();
    sequence_ = 0;
    writing_since_.reset();   // of the last connection: its writer may have been cancelled in between
    auto const first = co_await within(stalled_after, socket.write(dialect_.connected()));
    if (!first) co_return How::lost;
    auto const opening = dialect_.start(wanted_.subject, ++sequence_, reconnected);
    if (!co_await within(stalled_after, socket.write(opening))) co_return How::lost;
    auto const how = co_await (last(socket, read(socket)) || last(socket, write(socket)) || last(socket, watch(socket)));
    co_return std::visit([](How one) { return one; }, how);
}

/// Whichever part is over first is the end of all. The others are cancelled, but what is just between two system calls does not hear of that
/// and would wait for a peer that has nothing more to say.
Task<Session::How> Session::last(egress::WebSocket& socket, Task<How> part) {
    auto const how = co_await std::move(part);
    socket.drop();
    co_return how;
}

Task<Session::How> Session::read(egress::WebSocket& socket) {
    for (;;) {
        auto const message = co_await socket.read();
        if (!message && message.error().token == "closed") co_return How::closed;
        if (!message && message.error().token == "too_large") co_return co_await refuse("message_too_large");
        if (!message && message.error().token == "protocol") {
            remark("stream.protocol_error", {{"why", message.error().what}});
            co_return How::broken;
        }
        if (!message) co_return How::lost;
        auto const cost = 1 + double(message->bytes.size()) / read_bytes;
        if (message->text) heard(dialect_.parse(message->bytes));
        else ignored("binary_frame");
        if (auto const pause = pace_.owe(cost, steady_clock::now()); pause > 0s) co_await wait_for(pause);
    }
}

/// The writer says it, and sends the close that follows.
Task<Session::How> Session::refuse(std::string reason) {
    refused_ = reason;
    push(Outbox::Stop{std::move(reason)});
    co_await wait_for(goodbye_max);
    co_return How::refused;
}

Task<Session::How> Session::write(egress::WebSocket& socket) {
    for (;;) {
        while (auto const item = outbox_.pop()) {
            writing_since_ = steady_clock::now();
            auto const written = co_await write_one(socket, *item);
            writing_since_.reset();
            if (!written) {
                co_await wait_for(look_every);   // the reader fails too, and knows why
                co_return How::lost;
            }
            if (auto const* const stop = std::get_if<Outbox::Stop>(&*item)) {
                co_await socket.close(closing(stop->reason));
                co_return refused_ == stop->reason ? How::refused : How::stopped;
            }
        }
        co_await filled_.rung();
    }
}

Task<Result<>> Session::write_one(egress::WebSocket& socket, Outbox::Item const& item) {
    if (std::holds_alternative<Outbox::Ping>(item)) co_return co_await socket.ping();
    std::string text;
    if (auto const* const media = std::get_if<Media>(&item)) {
        text = dialect_.media(wanted_.subject, ++sequence_, *media);
        ++frames_sent_;
    } else if (auto const* const digit = std::get_if<Outbox::Digit>(&item)) {
        text = dialect_.dtmf(wanted_.subject, ++sequence_, digit->key);
    } else if (auto const* const mark = std::get_if<Outbox::Mark>(&item)) {
        text = dialect_.mark(wanted_.subject, ++sequence_, mark->name, mark->played_ms);
    } else if (auto const* const fault = std::get_if<Outbox::Fault>(&item)) {
        text = extras_->error(wanted_.subject, ++sequence_, fault->code);
    } else if (auto const* const speech = std::get_if<Speech>(&item)) {
        text = extras_->vad(wanted_.subject, ++sequence_, *speech);
    } else if (auto const* const backlog = std::get_if<Backlog>(&item)) {
        text = extras_->buffer(wanted_.subject, ++sequence_, *backlog);
    } else {
        text = dialect_.stop(wanted_.subject, ++sequence_, std::get<Outbox::Stop>(item).reason);
    }
    co_return co_await socket.write(text);
}

/// Pings, and the ways in which a peer is given up.
Task<Session::How> Session::watch(egress::WebSocket& socket) {
    auto ping_at = steady_clock::now() + ping_every;
    for (;;) {
        co_await wait_for(look_every);
        auto const now = steady_clock::now();
        if (stopping_ && now - stopping_since_ >= goodbye_max) co_return How::stopped;
        if (writing_since_ && now - *writing_since_ >= stalled_after) co_return How::stalled;
        if (now - socket.last_frame() >= dead_after) co_return How::dead;
        if (socket.floods() && !stopping_) co_return co_await refuse("too_many_pings");
        if (now - heard_at_ >= quiet_after) spoken(voice_.lapsed());
        if (now < ping_at) continue;
        ping_at = now + ping_every;
        push(Outbox::Ping{});
    }
}

void Session::heard(Incoming message) {
    if (auto const* const other = std::get_if<incoming::Ignored>(&message)) return ignored(other->why);
    if (!speaker_) {
        if (std::holds_alternative<incoming::Audio>(message)) remark("stream.media_ignored", {{"why", "the stream is not bidirectional"}});
        return;
    }
    if (auto const* const audio = std::get_if<incoming::Audio>(&message)) {
        auto const refused = speaker_->say(audio->payload);
        if (refused == "buffer_overflow") remark("stream.buffer_overflow", {{"limitBytes", payload_waiting_max}});
        else if (!refused.empty()) ignored(refused);
    } else if (auto* const mark = std::get_if<incoming::Mark>(&message)) {
        auto const full = outbox_.marks() >= marks_waiting_max;   // sent back and not read: they wait here instead of in the speaker
        if (auto const refused = full ? "too_many_marks" : speaker_->mark(std::move(mark->name)); !refused.empty()) ignored(refused);
    } else {
        speaker_->clear();
        low_water_.forget();
    }
    pump();
}

void Session::look() {
    if (!tap_->empty() || (speaker_ && speaker_->has_turned())) pump();
}

void Session::pump() {
    for (media::TapFrame frame; tap_->read(frame);) {
        auto const track = frame.said ? Track::outbound : Track::inbound;
        auto& captured = captured_[std::size_t(track)];
        if (!captured.encoder) continue;
        if (!first_tick_) first_tick_ = frame.tick;
        if (!captured.first_tick) captured.first_tick = frame.tick;
        auto const at = (frame.tick - *first_tick_) * frame_ms;
        gather(captured, {track, frame.tick - *captured.first_tick + 1, at, captured.encoder->encode(frame.samples)});
        if (track == Track::outbound || !extras_) continue;
        heard_at_ = steady_clock::now();
        spoken(voice_.heard(frame.samples, at));
    }
    if (!speaker_) return;
    for (auto& echo : speaker_->turn()) push(Outbox::Mark{std::move(echo.name), echo.played_ms});
    if (speaker_->silent()) turned_.ring();
    if (!extras_ || !talking_) return;
    if (auto const backlog = low_water_.look(speaker_->queued_ms())) push(*backlog);
}

void Session::spoken(std::optional<Speech> change) {
    if (change) push(*change);
}

/// Frames of one stretch of time become one message, which a hole makes shorter.
void Session::gather(Captured& captured, Media frame) {
    auto const whole = std::uint64_t(dialect_.message_ms);
    if (whole == frame_ms) return push(std::move(frame));
    auto& gathered = captured.gathered;
    frame.chunk = frame.at / whole + 1;
    auto const last = frame.at % whole + frame_ms == whole;
    if (gathered && gathered->chunk != frame.chunk) push(*std::exchange(gathered, {}));
    if (gathered) gathered->payload += frame.payload;
    else gathered = std::move(frame);
    if (last) push(*std::exchange(gathered, {}));
}

void Session::push(Outbox::Item item) {
    auto const idle = outbox_.empty();
    outbox_.push(std::move(item));
    if (idle) filled_.ring();
}

void Session::digit(char key) {
    if (opened_at_ && !stopping_) push(Outbox::Digit{key});
}

// --- the end ------------------------------------------------------------------------------------------------------------------

void Session::stop(std::string reason) {
    if (stopping_) return;
    stopping_since_ = steady_clock::now();
    for (auto& captured : captured_)
        if (captured.gathered) push(*std::exchange(captured.gathered, {}));
    push(Outbox::Stop{reason});
    stopping_ = std::move(reason);
    stopped_.ring();
    turned_.ring();
}

Task<> Session::until_stopped() {
    while (!stopping_) co_await stopped_.rung();
}

Task<> Session::play_out() {
    while (speaker_ && !speaker_->silent() && !stopping_) co_await turned_.rung();
}

void Session::broke() { end("connection_lost", {}, "internal"); }

void Session::ignored(std::string_view why) { remark("stream.ignored", {{"why", why}}); }

void Session::remark(std::string event, json::object detail) {
    auto const why = json::text_or_empty(detail, "why");
    if (!remarked_.insert(event + why).second) return;
    auto const code = event == "stream.ignored" ? why : event.substr(event.find('.') + 1);
    if (extras_) push(Outbox::Fault{code});
    tell_(told::Remark{std::move(event), std::move(detail)});
}

void Session::end(std::string reason, std::optional<std::uint16_t> code, std::string error) {
    if (speaker_) speaker_->forget();
    told::Ended out{.opened = opened_at_.has_value(), .reason = std::move(reason), .error = std::move(error), .close_code = code,
                    .reconnects = reconnects_, .frames_sent = frames_sent_, .frames_dropped = outbox_.dropped() + tap_->lost()};
    // Until it was stopped: how long a peer takes over its goodbye is nobody's use.
    auto const over = stopping_ ? stopping_since_ : steady_clock::now();
    if (opened_at_) out.seconds = std::max(0.0, double(std::chrono::duration_cast<milliseconds>(over - *opened_at_).count()) / 1000);
    if (speaker_) out.bytes_played = speaker_->bytes_played();
    static auto& sent = metrics::counter("boni_stream_frames_total", "Frames of media streams by what became of them", {{"result", "sent"}});
    static auto& dropped = metrics::counter("boni_stream_frames_total", "Frames of media streams by what became of them", {{"result", "dropped"}});
    sent.Increment(double(out.frames_sent));
    dropped.Increment(double(out.frames_dropped));
    tell_(std::move(out));
}

}  // namespace boni::stream
