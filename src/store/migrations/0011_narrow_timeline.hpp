// Migration 11: a row of a timeline lies in one tree beside its call's others, and no trigger looks at it: `ringing_at` and `q850` are
// taken from it once, with the record of the leg. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view narrow_timeline = R"sql(
DROP TRIGGER calls_rang;
DROP TRIGGER calls_told_cause;
DROP TRIGGER calls_go_whole;

ALTER TABLE timeline RENAME TO wide_timeline;
CREATE TABLE timeline (
  call_id TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, detail_json TEXT NOT NULL,
  PRIMARY KEY (call_id, number)
) WITHOUT ROWID;
INSERT INTO timeline (call_id, number, at, event, detail_json)
  SELECT call_id, id, at, event, detail_json FROM wide_timeline ORDER BY call_id, id;
DROP TABLE wide_timeline;

CREATE TRIGGER calls_go_whole AFTER DELETE ON calls
BEGIN
  DELETE FROM timeline WHERE call_id = OLD.id;
  DELETE FROM ladders WHERE call_id = OLD.id;
  DELETE FROM actions WHERE call_id = OLD.id;
  DELETE FROM events WHERE call_id = OLD.id AND call_id <> '';
END;
)sql";

}  // namespace boni::store::migrations
