// Migration 18: which days were counted, so that a restart neither counts again what has changed since nor reads all recordings for it; and what
// is kept is summed from an index. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

/// `day` is its first instant in India. Days that left something in a file of before were counted. What a partial index asks of its rows has
/// to be in it as well: else each row is looked at for it, and a sum takes longer than without.
constexpr std::string_view counted_days = R"sql(
CREATE TABLE counted_days (day INTEGER PRIMARY KEY);
INSERT INTO counted_days SELECT DISTINCT day FROM usage_days WHERE event_type = 'number_days';
CREATE INDEX recordings_kept ON recordings (tenant_id, created_at, bytes, finished_at, removed_at)
  WHERE finished_at IS NOT NULL AND removed_at IS NULL;
CREATE INDEX recordings_removed ON recordings (removed_at) WHERE removed_at IS NOT NULL;
)sql";

}  // namespace boni::store::migrations
