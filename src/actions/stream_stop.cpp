// `stream_stop`: closes one media stream of the call, or all of them (media-stream 6).
#include "call/call.hpp"

namespace boni::call {
namespace {

Result<> check_stream_stop(json::object const& request, CheckContext const&) {
    auto const id = json::text(request, "streamId");
    if (!id && json::find(request, "streamId")) return wrong_field("stream_stop", "streamId", "must be a string");
    if (id && id->size() > id_bytes_max) return fail(Errc::invalid, "stream_stop: streamId has at most 256 bytes", "streamId", "limit_exceeded");
    return {};
}

StreamId stream_of(json::object const& request) { return StreamId::from(json::text_or_empty(request, "streamId")); }

Result<Admitted> admit_stream_stop(Call& call, json::object const& request) {
    auto const named_nothing = json::text(request, "streamId") == "";   // not the same as naming none, which means all
    if (named_nothing || !call.streams().runs(stream_of(request)))
        return fail(Errc::conflict, "no such stream runs on this call", "streamId", "stream_not_running");
    return Admitted{.stream = stream_of(request)};
}

Task<Result<>> run_stream_stop(Call& call, model::Action action, Doing) {
    call.action_running(action);
    call.streams().stop(action.stream, "stream_stopped");
    co_return Result<>{};
}

}  // namespace

extern Action const stream_stop_action{"stream_stop", check_stream_stop, admit_stream_stop, run_stream_stop};

}  // namespace boni::call
