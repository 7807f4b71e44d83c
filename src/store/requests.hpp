// The end of an idempotent request, for use cases that finish one in their own transaction. Thread: the writer's.
#pragma once

#include "store/session.hpp"
#include "store/store.hpp"

namespace boni::store {

/// The key is kept with its answer. One that expired meanwhile too: the request did happen.
void finish(Session& db, FinishedRequest const& request, Instant now);

}  // namespace boni::store
