// Migration 4: what operators did. Rows are written with the change they tell of and never change. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view audit = R"sql(
CREATE TABLE audit (
  id TEXT PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, key_id TEXT NOT NULL, source TEXT NOT NULL, operation TEXT NOT NULL,
  tenant_id TEXT NOT NULL, subject TEXT NOT NULL, request_id TEXT NOT NULL, request_json TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_page ON audit (at, id);
CREATE INDEX audit_tenant ON audit (tenant_id, at, id);

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'an audit row never changes');
END;
)sql";

}  // namespace boni::store::migrations
