// Migration 5: what the record of a call keeps longer than its timeline does (sip.md 8). Both columns are taken from the timeline
// in the transaction that writes it. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view cdr = R"sql(
ALTER TABLE calls ADD COLUMN ringing_at INTEGER;
ALTER TABLE calls ADD COLUMN q850 INTEGER;

UPDATE calls SET
  ringing_at = (SELECT MIN(at) FROM timeline WHERE call_id = calls.id AND event = 'call.ringing'),
  q850 = (SELECT MAX(json_extract(detail_json, '$.q850')) FROM timeline
          WHERE call_id = calls.id AND event IN ('call.no_answer', 'call.completed', 'call.failed'));

CREATE TRIGGER calls_rang AFTER INSERT ON timeline WHEN NEW.event = 'call.ringing'
BEGIN
  UPDATE calls SET ringing_at = NEW.at WHERE id = NEW.call_id AND ringing_at IS NULL;
END;

CREATE TRIGGER calls_told_cause AFTER INSERT ON timeline WHEN NEW.event IN ('call.no_answer', 'call.completed', 'call.failed')
BEGIN
  UPDATE calls SET q850 = json_extract(NEW.detail_json, '$.q850') WHERE id = NEW.call_id;
END;

CREATE TRIGGER calls_go_whole AFTER DELETE ON calls
BEGIN
  DELETE FROM timeline WHERE call_id = OLD.id;
  DELETE FROM ladders WHERE call_id = OLD.id;
  DELETE FROM actions WHERE call_id = OLD.id;
  DELETE FROM events WHERE call_id = OLD.id AND call_id <> '';
END;
)sql";

}  // namespace boni::store::migrations
