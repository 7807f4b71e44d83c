// `recording_stop`: no plan forbids stopping, and nothing records yet, so the answer is always the state: there is no recording.
#include "call/action.hpp"

namespace boni::call {
namespace {

Result<> check_recording_stop(json::object const&, CheckContext const&) { return {}; }

Result<Admitted> admit_recording_stop(Call&, json::object const&) { return fail(Errc::conflict, "nothing is being recorded", {}, "recording_not_running"); }

}  // namespace

extern Action const recording_stop_action{"recording_stop", check_recording_stop, admit_recording_stop, nullptr};

}  // namespace boni::call
