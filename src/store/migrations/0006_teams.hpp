// Migration 6: teams. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view teams = R"sql(
CREATE TABLE teams (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, name TEXT NOT NULL, strategy TEXT NOT NULL, members_json TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX teams_name ON teams (tenant_id, name);
)sql";

}  // namespace boni::store::migrations
