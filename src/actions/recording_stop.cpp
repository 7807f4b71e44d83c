// `recording_stop`: the recording ends here, the call goes on. No plan forbids it (api-semantics 7).
#include "call/call.hpp"

namespace boni::call {
namespace {

Result<> check_recording_stop(json::object const&, CheckContext const&) { return {}; }

Result<Admitted> admit_recording_stop(Call& call, json::object const&) {
    Admitted admitted;
    TRY(admitted.place, call.recordings().promise_stop(admitted.recording));
    return admitted;
}

Task<Result<>> run_recording_stop(Call& call, model::Action action, Doing) {
    call.action_running(action);
    co_return co_await call.recordings().stop();
}

}  // namespace

extern Action const recording_stop_action{"recording_stop", check_recording_stop, admit_recording_stop, run_recording_stop};

}  // namespace boni::call
