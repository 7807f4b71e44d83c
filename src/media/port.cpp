#include <boost/asio/post.hpp>

#include "media/engine_inner.hpp"

namespace boni::media {
namespace {

constexpr auto writer_patience = 10s;   // a disk that is slower than that is broken
constexpr std::string_view no_answer = "recording: the disk does not answer";

Task<Result<>> until(std::shared_ptr<RecordingState> state, bool (*done)(RecordingState const&)) {
    while (!done(*state)) co_await state->changed.rung();
    co_return Result<>{};
}

}  // namespace

Port::Port(std::unique_ptr<Handle> handle) : handle_{std::move(handle)} {}

Port::~Port() {
    auto& handle = *handle_;
    if (!handle.inner) return;
    if (!handle.inner->stopped) handle.inner->threads[handle.thread].legs[handle.slot].handle = nullptr;
    handle.close();
}

// False when it was closed before. The line goes away on its thread and comes back through Engine::Inner::gone.
bool Port::Handle::close() {
    if (std::exchange(closing, true)) return false;
    if (recording) recording->leg_over = true;
    inner->post(thread, {.slot = slot, .what = command::Close{}});
    return true;
}

void Port::Handle::post(decltype(Command::what) what) {
    if (!closing) inner->post(thread, {.slot = slot, .what = std::move(what)});
}

Address Port::local() const { return handle_->local; }

void Port::start(PortConfig config) { update(std::move(config)); }

void Port::update(PortConfig config) { handle_->post(command::Configure{std::move(config)}); }

PlayId Port::play(Clip clip, PlayOptions options) {
    auto& handle = *handle_;
    auto const id = PlayId{++handle.plays};
    command::Play play{{.id = id, .clip = std::move(clip), .loop = options.loop, .stop_on_digit = options.stop_on_digit}};
    auto const taken = !handle.closing && play.item.clip != nullptr &&
                       handle.inner->post(handle.thread, {.slot = handle.slot, .what = std::move(play)}, true);
    if (!taken) Engine::Inner::tell(handle, Played{.id = id});
    return id;
}

void Port::stop(PlayId id) { handle_->post(command::Stop{id}); }

void Port::send_digits(std::string digits) {
    if (handle_->closing) return;
    auto& handle = *handle_;
    if (!handle.inner->post(handle.thread, {.slot = handle.slot, .what = command::SendDigits{std::move(digits)}}, true))
        Engine::Inner::tell(handle, DigitsSent{});
}

void Port::digits_from_signalling(char digit) { handle_->post(command::SignalledDigit{digit}); }
void Port::listen(std::shared_ptr<Tap> tap) { handle_->post(command::Listen{std::move(tap)}); }
void Port::unlisten(std::shared_ptr<Tap> tap) { handle_->post(command::Unlisten{std::move(tap)}); }
void Port::feed(std::shared_ptr<Feed> feed) { handle_->post(command::Feed{std::move(feed)}); }

Task<Result<>> Port::record_to(std::filesystem::path file, RecordOptions options) {
    auto& handle = *handle_;
    if (handle.closing) co_return fail(Errc::conflict, "recording: the leg has ended");
    if (handle.recording && !handle.recording->ended) co_return fail(Errc::conflict, "recording: one is running already");
    auto const inner = handle.inner;
    auto const state = handle.recording = std::make_shared<RecordingState>(inner->control);
    // Both callbacks come from the writer thread; only the posts touch the state.
    auto opened = [control = inner->control, state](Result<std::shared_ptr<Recording>> result) {
        asio::post(control, [state, result = std::move(result)] {
            state->opened = true;
            if (result) state->recording = *result;
            else state->ended = std::unexpected(result.error());
            if (result && (state->given_up || state->leg_over)) (*result)->end();
            state->changed.ring();
        });
    };
    auto closed = [control = inner->control, state, slot = handle.slot, thread = handle.thread, engine = std::weak_ptr{inner}](Result<Recorded> result) {
        asio::post(control, [=] {
            state->ended = result;
            state->changed.ring();
            auto const cut_short = !result || !result->cut_short.empty();
            auto const inner = engine.lock();
            // The leg lets go of it.
            if (cut_short && !state->leg_over && inner) inner->post(thread, {.slot = slot, .what = command::StopRecording{}});
        });
    };
    auto const slot = handle.slot;
    auto const thread = handle.thread;
    inner->writer->open(std::move(file), options, std::move(opened), std::move(closed));
    // From here on the port may go away while this waits.
    if (!co_await within(writer_patience, until(state, [](RecordingState const& now) { return now.opened; }))) {
        state->given_up = true;
        co_return fail(Errc::unavailable, std::string{no_answer});
    }
    if (!state->recording) co_return std::unexpected(state->ended->error());
    if (state->leg_over) co_return fail(Errc::conflict, "recording: the leg has ended");
    if (state->given_up) co_return fail(Errc::conflict, "recording: it was stopped before it began");
    state->tapped = true;
    inner->post(thread, {.slot = slot, .what = command::Record{state->recording}});
    co_return Result<>{};
}

Task<Result<Recorded>> Port::stop_recording() {
    auto const& state = handle_->recording;
    if (state && !state->ended && state->tapped) handle_->post(command::StopRecording{});
    if (state && !state->tapped) {
        state->given_up = true;
        if (state->recording) state->recording->end();
    }
    auto closed = co_await within(writer_patience, recorded());
    if (!closed && closed.error().code == Errc::timeout) co_return fail(Errc::unavailable, std::string{no_answer});
    co_return closed;
}

Task<Result<Recorded>> Port::recorded() {
    auto const state = handle_->recording;   // the port may go while this waits
    if (!state) co_return fail(Errc::not_found, "recording: none is running");
    CO_CHECK_OK(co_await until(state, [](RecordingState const& now) { return now.ended.has_value(); }));
    co_return *state->ended;
}

Task<Quality> Port::close() {
    auto const figures = handle_->figures;   // outlives the port, should it be destroyed meanwhile
    if (!handle_->close()) co_return figures->whole;
    co_await figures->complete.rung_within(5s);   // a media thread that is so late has other troubles
    co_return figures->whole;
}

}  // namespace boni::media
