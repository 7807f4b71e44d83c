// `recording_start`: from now on the call is recorded, on one channel or the caller's voice apart (media.md 9). The call goes on.
#include "call/call.hpp"

namespace boni::call {
namespace {

Result<> check_recording_start(json::object const& request, CheckContext const& context) {
    if (json::find(request, "channels")) {
        auto const channels = json::text(request, "channels");
        if (channels != "mixed" && channels != "dual") return wrong_field("recording_start", "channels", "must be mixed or dual");
    }
    if (json::find(request, "callbackWebhookEndpointId") && !json::text(request, "callbackWebhookEndpointId"))
        return wrong_field("recording_start", "callbackWebhookEndpointId", "must be a string");
    if (!context.tenant.feature("recording")) return feature_off("recording", "recording");
    return {};
}

Result<Admitted> admit_recording_start(Call& call, json::object const&) {
    if (!call.answered()) return fail(Errc::conflict, "the call is not answered", {}, "call_not_answered");
    TRY(auto place, call.recordings().promise());
    return Admitted{.place = std::move(place), .recording = RecordingId::fresh(call.services().clock.now())};
}

Task<Result<>> run_recording_start(Call& call, model::Action action, Doing doing) {
    call.action_running(action);
    co_return co_await call.recordings().start({.id = action.recording, .action = action.id, .dual = json::text(action.request, "channels") == "dual",
                                                .callback = EndpointId::from(json::text_or_empty(action.request, "callbackWebhookEndpointId")),
                                                .place = std::move(doing.place)});
}

}  // namespace

extern Action const recording_start_action{"recording_start", check_recording_start, admit_recording_start, run_recording_start, true, false,
                                    "callbackWebhookEndpointId"};

}  // namespace boni::call
