// `media_stream`: the caller talks with a program over a WebSocket (media-stream). The call is answered when the upgrade has succeeded.
#include "call/call.hpp"

namespace boni::call {
namespace {

Result<model::Target> check_media_stream(json::object const& fields, std::string_view at, CheckContext const& context) {
    auto const field = [&](std::string_view name) { return std::string{at} + std::string{name}; };
    auto const url = json::text(fields, "url");
    if (!url) return fail(Errc::invalid, "media_stream needs a url", field("url"), "invalid_target");
    CHECK_OK(egress::check_url(*url, context.policy, egress::Use::wss, field("url")));
    CHECK_OK(stream::parse_content_type(json::text(fields, "contentType").value_or(stream::default_content_type), field("contentType")));
    model::Target out{"media_stream", {{"type", "media_stream"}}};
    for (auto const* const name : {"url", "bidirectional", "contentType"})
        if (auto const* const value = json::find(fields, name)) out.fields[name] = *value;
    return out;
}

StreamOrder order_of(model::Target const& target) {
    return {.url = std::string{*target.text("url")},
            .type = *stream::parse_content_type(target.text("contentType").value_or(stream::default_content_type), ""),
            .bidirectional = json::boolean(target.fields, "bidirectional").value_or(false),
            .play_out = true};
}

json::object last_of(RunningStream const& stream, stream::told::Ended const& ended) {
    json::object out{{"streamId", stream.id.str()}, {"durationSeconds", ended.seconds}};
    if (ended.close_code) out["closeCode"] = *ended.close_code;
    else out["closeCode"] = nullptr;
    return out;
}

TargetOutcome failed(std::string reason) {
    return {.kind = TargetOutcome::Kind::failed, .reason = std::move(reason), .error = "all_targets_failed", .cause = "route_failed"};
}

Task<TargetOutcome> run_media_stream(Call& call, model::Target target, Arrival arrival) {
    auto& streams = call.streams();
    auto const stream = co_await streams.open(order_of(target));
    if (arrival.primary) call.calls().primary_attempt(call.number(), stream ? Calls::Health::succeeded : Calls::Health::failed);
    if (!stream) co_return failed(stream.error().token);
    // A decision's `early` is for what comes before: a target that takes the call answers it (control-webhook 3).
    if (auto const media = co_await call.open_media(Answering::automatic, "media_stream"); !media) {
        streams.stop((*stream)->id, "call_ended");
        co_return failed("no_media");
    }
    co_await streams.attach(*stream);
    auto const ended = co_await streams.until_ended(*stream);
    TargetOutcome out{.kind = TargetOutcome::Kind::released};
    if (ended.reason != "peer_closed" && ended.reason != "stream_stopped") out = failed(ended.reason);
    out.phase = "stream_ended";
    out.last = last_of(**stream, ended);
    co_return out;
}

}  // namespace

extern Target const media_stream_target{"media_stream", "media_stream", check_media_stream, run_media_stream, nullptr, true};

}  // namespace boni::call
