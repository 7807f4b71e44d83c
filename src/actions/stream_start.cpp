// `stream_start`: a copy of the call's audio goes to a customer's WebSocket, which may speak too (media-stream 1). The call goes on.
#include "call/call.hpp"

namespace boni::call {
namespace {

constexpr std::string_view tracks[] = {"inbound", "outbound", "both"};

Result<> check_stream_start(json::object const& request, CheckContext const& context) {
    auto const url = json::text(request, "url");
    if (!url) return wrong_field("stream_start", "url", "is required and must be a string");
    for (auto const* const field : {"contentType", "statusCallbackWebhookEndpointId", "track"})
        if (json::find(request, field) && !json::text(request, field)) return wrong_field("stream_start", field, "must be a string");
    if (json::find(request, "bidirectional") && !json::boolean(request, "bidirectional"))
        return wrong_field("stream_start", "bidirectional", "must be true or false");
    auto const track = json::text(request, "track").value_or("inbound");
    if (std::ranges::find(tracks, track) == std::end(tracks)) return wrong_field("stream_start", "track", "must be inbound, outbound or both");
    if (!context.tenant.feature("media_stream")) return feature_off("stream_start", "media_stream");
    CHECK_OK(egress::check_url(*url, context.policy, egress::Use::wss, "url"));
    CHECK_OK(stream::parse_content_type(json::text(request, "contentType").value_or(stream::default_content_type), "contentType"));
    if (json::boolean(request, "bidirectional").value_or(false) && track != "inbound")
        return fail(Errc::invalid, "stream_start: a bidirectional stream carries the inbound track", "track", "invalid_value");
    return {};
}

StreamOrder order_of(json::object const& request) {
    using stream::Track;
    auto const track = json::text(request, "track").value_or("inbound");
    StreamOrder order{.url = std::string{*json::text(request, "url")}};
    order.type = *stream::parse_content_type(json::text(request, "contentType").value_or(stream::default_content_type), "");
    order.bidirectional = json::boolean(request, "bidirectional").value_or(false);
    order.callback = EndpointId::from(json::text_or_empty(request, "statusCallbackWebhookEndpointId"));
    if (track == "outbound") order.tracks = {Track::outbound};
    if (track == "both") order.tracks = {Track::inbound, Track::outbound};
    return order;
}

Result<Admitted> admit_stream_start(Call& call, json::object const& request) {
    if (!call.answered()) return fail(Errc::conflict, "the call is not answered", {}, "call_not_answered");
    TRY(auto place, call.streams().promise(order_of(request)));
    return Admitted{.place = std::move(place), .stream = StreamId::fresh(call.services().clock.now())};
}

/// Completed means started; how the stream ends is told by `stream.stopped`.
Task<Result<>> run_stream_start(Call& call, model::Action action, Doing doing) {
    auto order = order_of(action.request);
    order.id = action.stream;
    order.action = action.id;
    order.place = std::move(doing.place);
    call.action_running(action);
    CO_TRY(auto const stream, co_await call.streams().open(std::move(order)));
    co_await call.streams().attach(stream);
    co_return Result<>{};
}

}  // namespace

extern Action const stream_start_action{"stream_start", check_stream_start, admit_stream_start, run_stream_start, true, true,
                                 "statusCallbackWebhookEndpointId"};

}  // namespace boni::call
