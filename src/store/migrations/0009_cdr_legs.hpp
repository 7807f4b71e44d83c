// Migration 9: the record of each leg, append-only and chained (sip.md 8). `record` is kept as the bytes its hash is of. The head of the
// chain has a row of its own, so that records taken off either end are missed. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view cdr_legs = R"sql(
CREATE TABLE cdr_legs (
  sequence INTEGER PRIMARY KEY, call_id TEXT NOT NULL, leg INTEGER NOT NULL, ended_at INTEGER NOT NULL, record TEXT NOT NULL, hash TEXT NOT NULL
);
CREATE UNIQUE INDEX cdr_legs_call ON cdr_legs (call_id, leg);

CREATE TABLE cdr_head (node TEXT PRIMARY KEY, sequence INTEGER NOT NULL, hash TEXT NOT NULL, kept_from INTEGER NOT NULL DEFAULT 1);
INSERT INTO cdr_head (node, sequence, hash)
  VALUES ('node_' || lower(hex(randomblob(8))), 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER cdr_legs_stay BEFORE UPDATE ON cdr_legs
BEGIN
  SELECT RAISE(ABORT, 'a record is never changed');
END;
)sql";

}  // namespace boni::store::migrations
