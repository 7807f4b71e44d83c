// Migration 8: a recording whose time is over keeps its row, marked, until its call goes too. Its file's name is cleared when the file is
// gone, so that a crash between the two is made good by the next round. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view recordings_go = R"sql(
ALTER TABLE recordings ADD COLUMN removed_at INTEGER;
CREATE INDEX recordings_age ON recordings (tenant_id, created_at) WHERE removed_at IS NULL;
CREATE INDEX recordings_with_file ON recordings (id) WHERE removed_at IS NOT NULL AND file <> '';
CREATE INDEX transcripts_age ON transcripts (tenant_id, created_at);

CREATE TRIGGER calls_go_with_recordings AFTER DELETE ON calls
BEGIN
  UPDATE recordings SET removed_at = OLD.started_at WHERE call_id = OLD.id AND removed_at IS NULL;
  DELETE FROM recordings WHERE call_id = OLD.id AND file = '';
  DELETE FROM transcripts WHERE call_id = OLD.id;
END;
)sql";

}  // namespace boni::store::migrations
