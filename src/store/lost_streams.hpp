// The streams of a call whose node died, and whose end nobody has told. Thread: the writer's.
#pragma once

#include "model/call.hpp"
#include "store/session.hpp"

namespace boni::store {

struct LostStream {
    json::object stopped;                            ///< what `stream.stopped` says beyond the call
    EndpointId callback;                             ///< whom its action named: told as well, as it was of the start; may be empty
};

struct LostStreams {
    std::vector<LostStream> open;                    ///< in the order of their start
    std::int64_t seconds = 0;                        ///< whole ones of each stream of the call, those told before included
};

/// They ended with the call, whose `ended_at` is set.
LostStreams lost_streams(Session& db, model::Call const& call);

}  // namespace boni::store
