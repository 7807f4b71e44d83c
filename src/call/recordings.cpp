#include "call/recordings.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "call/call.hpp"
#include "media/codec.hpp"
#include "media/wav.hpp"

namespace boni::call {
namespace {

constexpr auto disk_patience = 10s;
constexpr int ms_per_second = 1000;

std::string_view channels_of(model::Recording const& row) { return row.channels == 2 ? "dual" : "mixed"; }

json::object identity(model::Recording const& row) {
    json::object out{{"recordingId", row.id.str()}};
    if (!row.action.empty()) out["actionId"] = row.action.str();
    return out;
}

json::object started(model::Recording const& row) {
    auto out = identity(row);
    out["channels"] = channels_of(row);
    return out;
}

}  // namespace

void complete(model::Recording& row, media::Recorded const& recorded, Instant now) {
    row.milliseconds = std::int64_t(recorded.samples) * ms_per_second / media::sample_hz;
    row.bytes = std::int64_t(recorded.bytes);
    row.finished_at = now;
    static auto& bytes = metrics::counter("boni_recording_bytes_total", "Bytes of recordings that are complete");
    bytes.Increment(double(recorded.bytes));
}

json::object available(model::Recording const& row) {
    auto out = identity(row);
    out["durationSeconds"] = double(row.milliseconds) / ms_per_second;
    out["channels"] = channels_of(row);
    out["sizeBytes"] = row.bytes;
    out["accessPath"] = "/v1/calls/" + row.call.str() + "/recordings";
    return out;
}

json::object failed(model::Recording const& row, std::string const& why) {
    auto out = identity(row);
    out["reason"] = why;
    return out;
}

class Recordings::Promise final : public Place {
  public:
    explicit Promise(std::shared_ptr<bool> promised) : promised_{std::move(promised)} { *promised_ = true; }
    ~Promise() override { *promised_ = false; }

  private:
    std::shared_ptr<bool> const promised_;
};

Recordings::Recordings(Call& call, asio::any_io_executor control) : call_{call}, changed_{std::move(control)} {}

Result<std::unique_ptr<Place>> Recordings::promise() {
    if (*promised_ || runs()) return fail(Errc::conflict, "the call is being recorded", {}, "recording_already_running");
    return std::make_unique<Promise>(promised_);
}

class Recordings::StopPromise final : public Place {
  public:
    explicit StopPromise(std::shared_ptr<Running> running) : running_{std::move(running)} { running_->stopping = true; }
    ~StopPromise() override { running_->stopping = running_->stop_asked; }

  private:
    std::shared_ptr<Running> const running_;
};

Result<std::unique_ptr<Place>> Recordings::promise_stop(RecordingId& recording) {
    if (!runs()) return fail(Errc::conflict, "nothing is being recorded", {}, "recording_not_running");
    recording = running_->row.id;
    return std::make_unique<StopPromise>(running_);
}

Task<Result<>> Recordings::start(RecordingOrder order) {
    if (!order.place) { CO_TRY(order.place, promise()); }
    auto const& services = call_.services();
    if (call_.ending()) co_return fail(Errc::conflict, "the call is over", {}, "call_ended");
    auto const now = services.clock.now();
    auto const running = std::make_shared<Running>();
    running->row = {.id = order.id.empty() ? RecordingId::fresh(now) : order.id, .tenant = call_.row().tenant, .call = call_.row().id,
                    .action = order.action, .channels = order.dual ? 2 : 1, .callback = order.callback, .created_at = now};
    running->row.file = running->row.id.str() + ".wav";
    auto const before = std::exchange(running_, running);
    order.place.reset();   // it is taken now
    // Beside this: who asked for it may go, and what has begun has to be told.
    spawn(services.control, "recording", look_after(call_.shared_from_this(), running, before));
    while (!running->began && !running->why) co_await changed_.rung();
    if (running->why) co_return std::unexpected(*running->why);
    co_return Result<>{};
}

/// From the order to the row that says what became of it, whoever waits meanwhile. `before` has the leg until its file is closed.
Task<> Recordings::look_after(std::shared_ptr<Call> call, std::shared_ptr<Running> running, std::shared_ptr<Running> before) {
    if (before) (void)co_await in_time(disk_patience, until_told(before));   // else the leg refuses it
    if (auto const begun = co_await begin(*running)) {
        running->began = call->services().clock.steady();
        changed_.ring();
        auto recorded = co_await call->leg().recorded();
        running->over = true;
        co_await finish(*running, std::move(recorded));
    } else {
        co_await finish(*running, std::unexpected(begun.error()));
    }
    running->told = true;
    if (running_ == running) running_.reset();
    changed_.ring();
}

/// A row without a file, then the file, then what says that there is one: whoever does not find it later knows whether there ever was.
Task<Result<>> Recordings::begin(Running& running) {
    auto& row = running.row;
    if (call_.ending()) co_return fail(Errc::conflict, "call_ended");
    CO_CHECK_OK(co_await call_.services().store.commit({.recording = row}));
    running.known = true;
    CO_CHECK_OK(co_await call_.leg().record_to(call_.services().recordings / row.file, {.stereo = row.channels == 2}));
    row.bytes = media::wav_header_size;
    call_.note("recording.started", started(row), {.recording = row});
    co_return Result<>{};
}

/// One with nothing in it is none: its file goes with the next round of the house.
Task<> Recordings::finish(Running& running, Result<media::Recorded> recorded) {
    auto& row = running.row;
    auto const now = call_.services().clock.now();
    if (recorded && recorded->samples == 0)
        recorded = fail(Errc::unavailable, recorded->cut_short.empty() ? "nothing was recorded" : recorded->cut_short);
    auto const why = recorded ? recorded->cut_short : recorded.error().what;
    if (!why.empty()) log_warning("call", why, {{"call_id", row.call.str()}, {"recording_id", row.id.str()}});
    if (!recorded) {
        row.removed_at = now;
        running.why = recorded.error();
        changed_.ring();
        if (!running.known) co_return;
        co_await call_.until_written([&] { return call_.keep("recording.failed", failed(row, why), {.recording = row}); });
        co_return;
    }
    if (!why.empty()) call_.note("recording.cut_short", failed(row, why));
    complete(row, *recorded, now);
    seconds_of_ended_ += row.started_seconds();
    co_await call_.until_written([&] {
        return call_.tell("recording.available", available(row), {.also_endpoint = row.callback, .recording = row, .metered = {used()}});
    });
}

bool Recordings::runs() const { return running_ && !running_->stopping && !running_->why; }

Task<Result<>> Recordings::stop() {
    auto const one = running_;
    if (!one) co_return Result<>{};
    one->stopping = one->stop_asked = true;
    while (!one->began && !one->told) co_await changed_.rung();   // on its way to the disk
    if (!one->told) CO_CHECK_OK(co_await call_.leg().stop_recording());
    (void)co_await in_time(disk_patience, until_told(one));
    if (one->why) co_return std::unexpected(*one->why);
    co_return Result<>{};
}

Task<> Recordings::settled() {
    if (running_) (void)co_await in_time(disk_patience, until_told(running_));
}

Task<> Recordings::until_told(std::shared_ptr<Running> one) {
    while (!one->told) co_await changed_.rung();
}

model::Metered Recordings::used() const {
    auto seconds = seconds_of_ended_;
    auto const counts = running_ && running_->began && !running_->over && !running_->stopping && !call_.ending();   // else its file says it
    if (counts) seconds += std::chrono::floor<std::chrono::seconds>(call_.services().clock.steady() - *running_->began).count();
    return {"recording_minutes", seconds};
}

}  // namespace boni::call
