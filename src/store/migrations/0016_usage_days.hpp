// Migration 16: what a tenant used is summed by day, so that asking for it costs days and not calls. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

/// `day` is its first instant in India; 19800 s is how far India is ahead.
constexpr std::string_view usage_days = R"sql(
CREATE TABLE usage_days (
  tenant_id TEXT NOT NULL, day INTEGER NOT NULL, event_type TEXT NOT NULL, quantity INTEGER NOT NULL, charge INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, day, event_type)
) WITHOUT ROWID;
INSERT INTO usage_days SELECT tenant_id, started_at - (started_at + 19800000000) % 86400000000, event_type, SUM(quantity), SUM(charge)
  FROM usage GROUP BY 1, 2, 3;
)sql";

}  // namespace boni::store::migrations
