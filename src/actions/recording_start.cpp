// `recording_start`: its request is checked; recording is not offered yet.
#include "call/action.hpp"

namespace boni::call {
namespace {

Result<> check_recording_start(json::object const& request, CheckContext const& context) {
    auto const wrong = [](std::string field, std::string_view expectation) {
        return fail(Errc::malformed, "recording_start: " + field + ' ' + std::string{expectation}, field, "validation_failed");
    };
    if (json::find(request, "channels")) {
        auto const channels = json::text(request, "channels");
        if (channels != "mixed" && channels != "dual") return wrong("channels", "must be mixed or dual");
    }
    if (json::find(request, "callbackWebhookEndpointId") && !json::text(request, "callbackWebhookEndpointId"))
        return wrong("callbackWebhookEndpointId", "must be a string");
    if (!context.tenant.feature("recording")) return std::unexpected(feature_off("recording", "recording"));
    return std::unexpected(not_offered("recording", "recording"));
}

}  // namespace

extern Action const recording_start_action{"recording_start", check_recording_start, nullptr, nullptr};

}  // namespace boni::call
