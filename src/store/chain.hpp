// The chain of records, for use cases that end a call in their own transaction. Thread: the writer's.
#pragma once

#include "model/call.hpp"
#include "store/session.hpp"

namespace boni::store {

/// Appends the record of the caller's leg of `call`, which has ended and is written with its timeline. `facts`: what its row does not
/// say, see Commit::leg; without any those count that were known while it lived.
void append_leg(Session& db, model::Call const& call, json::object facts);

/// Records that ended before then, at most so many; how many it were. The head knows what is still kept.
long long remove_oldest_legs(Session& db, Instant before, int most);

}  // namespace boni::store
