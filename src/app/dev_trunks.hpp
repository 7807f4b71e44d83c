// The trunks of `boni dev`: callers on loopback come in, `--trunk` leads out; all marked `test`. Thread: control, at start.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "store/store.hpp"

namespace boni::app {

/// "loopback" admits 127.0.0.0/8 and ::1; "dev-out-1" ... lead to `next_hops` ("host" or "host:port"; a name is resolved here, so that
/// calls from there are admitted too). Those of an earlier start that are no longer wished for are removed.
Task<Result<>> put_dev_trunks(store::Store& store, Instant now, std::vector<std::string> next_hops);

}  // namespace boni::app
