// Migration 13: a recording is a row from its order on, so that the next process finds what a crash left behind.
#pragma once

#include <string_view>

namespace boni::store::migrations {

/// Those there were are finished.
constexpr std::string_view recordings_begin = R"sql(
ALTER TABLE recordings ADD COLUMN endpoint_id TEXT NOT NULL DEFAULT '';
ALTER TABLE recordings ADD COLUMN finished_at INTEGER;
UPDATE recordings SET finished_at = created_at;
CREATE INDEX recordings_unfinished ON recordings (id) WHERE finished_at IS NULL AND removed_at IS NULL;
)sql";

}  // namespace boni::store::migrations
