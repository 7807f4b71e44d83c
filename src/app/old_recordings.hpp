// Files of recordings whose time is over (`recording_retention_days` of their tenant): what the store marked is taken off the disk.
//
// Thread: control; files go on the blocking pool, a few at a time. A file that is not there is gone already, unless the oldest that its tenant
// can read is not there either: then their disk is not mounted, and it is tried again the next time, as one that cannot be removed. What is being
// read at that moment is read to its end.
#pragma once

#include <filesystem>

#include "base/pool.hpp"
#include "store/store.hpp"

namespace boni::app {

/// How many files went, at most a million: the next round takes the rest. Errors: the store's.
Task<Result<std::size_t>> remove_old_recordings(store::Store& store, Pool& pool, std::filesystem::path folder);

}  // namespace boni::app
