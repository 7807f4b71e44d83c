// Recordings that a process which died left behind: what their files hold is closed and told, as if the call had ended there (media.md 9).
#pragma once

#include <vector>

#include "base/pool.hpp"
#include "base/task.hpp"
#include "call/calls.hpp"
#include "model/recording.hpp"

namespace boni::app {

/// Each becomes one that can be read, with its `recording.available`, or is given up with a timeline row that says why. What fails is logged and
/// tried again by the next start. Thread: control.
Task<> close_lost_recordings(call::Calls& calls, Pool& pool, std::vector<model::Recording> lost);

}  // namespace boni::app
