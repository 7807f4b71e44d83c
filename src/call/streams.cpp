#include "call/streams.hpp"

#include <cmath>

#include "base/utf8.hpp"
#include "call/call.hpp"
#include "call/signing.hpp"
#include "model/trace.hpp"

namespace boni::call {
namespace {

std::string host_of(std::string const& url, egress::Policy const& policy) {
    auto const parsed = egress::check_url(url, policy, egress::Use::wss);
    return parsed ? parsed->host : std::string{};
}

std::string_view track_of(StreamOrder const& order) { return order.tracks.size() == 2 ? "both" : stream::name(order.tracks.front()); }

json::object identity(RunningStream const& stream) {
    json::object out{{"streamId", stream.id.str()}};
    if (!stream.order.action.empty()) out["actionId"] = stream.order.action.str();
    return out;
}

json::object started(RunningStream const& stream, egress::Policy const& policy) {
    auto out = identity(stream);
    out["host"] = host_of(stream.order.url, policy);
    out["bidirectional"] = stream.order.bidirectional;
    out["track"] = track_of(stream.order);
    out["contentType"] = stream.order.type.text();
    out["dialect"] = stream.order.type.dialect;
    return out;
}

json::object stopped(RunningStream const& stream) {
    auto out = identity(stream);
    auto const& ended = *stream.ended;
    out["reason"] = ended.reason;
    if (ended.close_code) out["closeCode"] = *ended.close_code;
    out["durationSeconds"] = ended.seconds;
    out["reconnects"] = ended.reconnects;
    out["framesSent"] = ended.frames_sent;
    out["framesDropped"] = ended.frames_dropped;
    out["bytesPlayed"] = ended.bytes_played;
    return out;
}

/// What the customer wants his bot to know: the route's `metadata.streamParameters`, as far as they are strings of bounded size.
json::object parameters_of(json::object const& metadata) {
    constexpr std::size_t entries_max = 20, characters_max = 500;
    json::object out;
    auto const* const given = json::object_at(metadata, "streamParameters");
    if (!given) return out;
    for (auto const& [key, value] : *given)
        if (out.size() < entries_max && value.is_string() && characters(key) + characters(value.get_string()) <= characters_max) out[key] = value;
    return out;
}

}  // namespace

Streams::Streams(Call& call, asio::any_io_executor control) : call_{call}, gone_{std::move(control)} {}

class Streams::Promise final : public Place {
  public:
    Promise(std::shared_ptr<Promised> all, bool bidirectional) : all_{std::move(all)}, bidirectional_{bidirectional} {
        ++all_->streams;
        all_->bidirectional += bidirectional_;
    }
    ~Promise() override {
        --all_->streams;
        all_->bidirectional -= bidirectional_;
    }

  private:
    std::shared_ptr<Promised> const all_;
    bool const bidirectional_;
};

Result<std::unique_ptr<Place>> Streams::promise(StreamOrder const& order) {
    CHECK_OK(room_for(order));
    return std::make_unique<Promise>(promised_, order.bidirectional);
}

Result<> Streams::room_for(StreamOrder const& order) const {
    auto const limit = std::min(double{streams_max}, call_.tenant().limit("streams_per_call"));
    auto const runs = [](StreamHandle const& one) { return !one->stopping && !one->ended; };   // not one that says goodbye
    if (double(std::ranges::count_if(running_, runs)) + double(promised_->streams) >= limit)
        return fail(Errc::conflict, "all the streams this call may have run", {}, "stream_limit_reached");
    auto const talks = [&](StreamHandle const& one) { return one->order.bidirectional && runs(one); };
    auto const busy = promised_->bidirectional > 0 || std::ranges::any_of(running_, talks);
    if (order.bidirectional && busy) return fail(Errc::conflict, "a bidirectional stream runs on this call", {}, "bidirectional_stream_active");
    return {};
}

stream::Wanted Streams::wanted(StreamHandle const& stream, std::vector<Secret> keys) const {
    auto const& row = call_.row();
    stream::Subject subject{.stream = stream->id.str(), .call = row.id.str(), .tenant = row.tenant.str(), .from = row.from, .to = row.to,
                            .direction = std::string{name(row.direction)}, .channel = std::string{name(row.channel)},
                            .number = row.number.str(), .route = row.route.str(), .traceparent = model::traceparent(row.id, stream->id.str()),
                            .parameters = parameters_of(row.metadata), .tracks = stream->order.tracks, .type = stream->order.type};
    return {.url = stream->order.url, .keys = std::move(keys), .subject = std::move(subject),
            .bidirectional = stream->order.bidirectional, .play_out = stream->order.play_out};
}

Task<Result<StreamHandle>> Streams::open(StreamOrder order) {
    auto& services = call_.services();
    if (!order.place) { CO_TRY(order.place, promise(order)); }   // before the wait: nobody who comes meanwhile is promised it
    CO_TRY(auto keys, co_await signing_keys(call_, order.callback));
    if (call_.ending()) co_return fail(Errc::conflict, "the call is over", {}, "call_ended");
    order.place.reset();   // it is taken now
    auto id = order.id.empty() ? StreamId::fresh(services.clock.now()) : order.id;
    auto const stream = std::make_shared<RunningStream>(std::move(id), std::move(order), services.control);
    running_.push_back(stream);
    auto told = [stream, call = call_.weak_from_this(), &call_clock = services.clock](stream::Told what) {
        if (std::holds_alternative<stream::told::Opened>(what)) stream->opened = call_clock.steady();
        else if (auto* const ended = std::get_if<stream::told::Ended>(&what)) stream->ended = std::move(*ended);
        else if (auto const alive = call.lock()) {
            auto& remark = std::get<stream::told::Remark>(what);
            remark.detail["streamId"] = stream->id.str();
            alive->note(std::move(remark.event), std::move(remark.detail));
        }
        stream->changed.ring();
    };
    stream->stream = services.streams.open(wanted(stream, std::move(keys)), std::move(told));
    spawn(services.control, "stream", look_after(call_.shared_from_this(), stream));
    while (!stream->opened && !stream->ended) co_await stream->changed.rung();
    if (stream->opened) co_return stream;   // it may be over again
    auto const& why = *stream->ended;
    co_return fail(Errc::unavailable, "the stream could not be opened", {}, why.error.empty() ? why.reason : why.error);
}

Task<> Streams::attach(StreamHandle stream) {
    if (stream->ended || stream->stopping || std::exchange(stream->attached, true)) co_return;
    call_.leg().listen(stream->stream->tap());
    if (stream->stream->feed()) call_.leg().feed(stream->stream->feed());
    co_await tell_started(*stream);
}

Task<> Streams::tell_started(RunningStream const& stream) {
    (void)co_await call_.tell("stream.started", started(stream, call_.services().policy), {.also_endpoint = stream.order.callback});
}

/// From the order to `stream.stopped`, whoever waits meanwhile.
Task<> Streams::look_after(std::shared_ptr<Call> call, StreamHandle stream) {
    while (!stream->ended) co_await stream->changed.rung();
    detach(*stream);
    // A bot that left at once: nobody had the time to tell that it was there.
    if (!stream->attached && stream->opened) co_await tell_started(*stream);
    seconds_of_ended_ += std::int64_t(std::ceil(stream->ended->seconds));
    while (stream->stopping && follows_another(stream)) co_await gone_.rung();
    (void)co_await call->tell("stream.stopped", stopped(*stream), {.also_endpoint = stream->order.callback, .metered = {used()}});
    std::erase(running_, stream);
    stream->stream.reset();
    gone_.ring();
}

/// Its place at the leg is free for another, also while it says goodbye; what it has said and was not heard yet is not heard any more.
void Streams::detach(RunningStream& stream) {
    if (!stream.attached || std::exchange(stream.detached, true)) return;
    call_.leg().unlisten(stream.stream->tap());
    if (stream.stream->feed()) call_.leg().feed(nullptr);
}

/// Is one that began earlier being stopped too, and not yet told?
bool Streams::follows_another(StreamHandle const& stream) const {
    return std::any_of(running_.begin(), std::ranges::find(running_, stream), [](auto const& one) { return one->stopping.has_value(); });
}

Task<> Streams::settled() {
    while (!running_.empty()) co_await gone_.rung();
}

Task<stream::told::Ended> Streams::until_ended(StreamHandle stream) {
    while (!stream->ended) co_await stream->changed.rung();
    co_return *stream->ended;
}

bool Streams::runs(StreamId const& id) const {
    return std::ranges::any_of(running_, [&](auto const& one) { return !one->ended && (id.empty() || one->id == id); });
}

void Streams::stop(StreamId const& id, std::string const& reason) {
    for (auto const& one : running_) {
        if (!one->stream || (!id.empty() && one->id != id)) continue;
        if (!one->stopping) one->stopping = call_.services().clock.steady();
        one->stream->stop(reason);
        detach(*one);
    }
}

model::Metered Streams::used() const {
    auto seconds = seconds_of_ended_;
    auto const now = call_.services().clock.steady();
    for (auto const& one : running_) {
        if (!one->opened || one->ended) continue;
        auto const until = std::max(one->stopping.value_or(now), *one->opened);
        seconds += std::chrono::ceil<std::chrono::seconds>(until - *one->opened).count();
    }
    return {"media_stream_minutes", seconds};
}

void Streams::digit(char key) {
    for (auto const& one : running_)
        if (one->attached && one->stream) one->stream->digit(key);
}

}  // namespace boni::call
