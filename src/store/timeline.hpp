// Rows of a call's timeline, for use cases that write some in their own transaction. Thread: the writer's.
#pragma once

#include "model/call.hpp"
#include "store/session.hpp"

namespace boni::store {

/// After the rows the call has.
void add_row(Session& db, CallId const& call, model::TimelineRow const& row);

}  // namespace boni::store
