// `recording_stop`: the recording ends here, the call goes on. No plan forbids it (api-semantics 7).
#include "call/call.hpp"

namespace boni::call {
namespace {

Result<> check_recording_stop(json::object const&, CheckContext const&) { return {}; }

Result<Admitted> admit_recording_stop(Call& call, json::object const&) {
    auto running = call.recordings().running();
    if (running.empty()) return fail(Errc::conflict, "nothing is being recorded", {}, "recording_not_running");
    return Admitted{.recording = std::move(running)};
}

Task<Result<>> run_recording_stop(Call& call, model::Action action, Doing) {
    call.action_running(action);
    co_return co_await call.recordings().stop();
}

}  // namespace

extern Action const recording_stop_action{"recording_stop", check_recording_stop, admit_recording_stop, run_recording_stop};

}  // namespace boni::call
