// What every event of a call says of it, and what its last one says of its end (events-and-webhooks 2): the same when its process tells it and
// when the next one does. Pure. Thread: any.
#pragma once

#include "model/call.hpp"

namespace boni::model {

/// `sequence` is the row's.
json::object event_fields(Call const& call);
/// How it ended as far as its row knows; the reasons are for the caller to add.
json::object end_fields(Call const& call);

}  // namespace boni::model
