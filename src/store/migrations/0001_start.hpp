// Migration 1. A migration that was released is never edited; a change is a new file and a line in migrations.cpp.
// Instants are microseconds since 1970, enums their API names, `*_json` JSON text, sealed secrets base64.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view start = R"sql(
CREATE TABLE tenants (
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, plan TEXT NOT NULL, status TEXT NOT NULL,
  test INTEGER NOT NULL, features_json TEXT NOT NULL, limits_json TEXT NOT NULL, control_secret TEXT NOT NULL,
  allowed_prefixes_json TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
  scopes_json TEXT NOT NULL, operator_key INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER,
  revoked_at INTEGER, last_used_at INTEGER
) WITHOUT ROWID;
CREATE INDEX api_keys_tenant ON api_keys (tenant_id, created_at);

CREATE TABLE numbers (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, phone_number TEXT NOT NULL UNIQUE, label TEXT NOT NULL, status TEXT NOT NULL,
  activation TEXT NOT NULL, route_status TEXT NOT NULL, type TEXT NOT NULL, trunk TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX numbers_tenant ON numbers (tenant_id, created_at, id);

CREATE TABLE routes (
  id TEXT NOT NULL, number_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, primary_json TEXT NOT NULL, fallback_json TEXT NOT NULL,
  events_json TEXT, recording_json TEXT, metadata_json TEXT, status TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE trunks (
  id TEXT NOT NULL, name TEXT PRIMARY KEY, test INTEGER NOT NULL, config_json TEXT NOT NULL, secret TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE calls (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, number_id TEXT NOT NULL, route_id TEXT NOT NULL, direction TEXT NOT NULL,
  channel TEXT NOT NULL, caller TEXT NOT NULL, callee TEXT NOT NULL, status TEXT NOT NULL, started_at INTEGER NOT NULL,
  answered_at INTEGER, ended_at INTEGER, hangup_cause TEXT NOT NULL, hangup_by TEXT NOT NULL, sip_call_id TEXT NOT NULL,
  event_sequence INTEGER NOT NULL, metadata_json TEXT NOT NULL, test INTEGER NOT NULL,
  stage INTEGER NOT NULL AS (CASE status WHEN 'received' THEN 0 WHEN 'ringing' THEN 1 WHEN 'answered' THEN 2 ELSE 3 END)
);
CREATE INDEX calls_page ON calls (tenant_id, started_at, id);
CREATE INDEX calls_live ON calls (id) WHERE status IN ('received', 'ringing', 'answered');

CREATE TRIGGER calls_move_forward BEFORE UPDATE ON calls
WHEN NEW.stage < OLD.stage OR (OLD.stage = 3 AND (NEW.status, NEW.answered_at, NEW.ended_at, NEW.hangup_cause, NEW.hangup_by)
    IS NOT (OLD.status, OLD.answered_at, OLD.ended_at, OLD.hangup_cause, OLD.hangup_by))
BEGIN
  SELECT RAISE(ABORT, 'a call status only moves forward');
END;

CREATE TABLE timeline (
  id INTEGER PRIMARY KEY, call_id TEXT NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL, detail_json TEXT NOT NULL
);
CREATE INDEX timeline_call ON timeline (call_id, id);

CREATE TABLE ladders (call_id TEXT PRIMARY KEY, messages_json TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE actions (
  id TEXT PRIMARY KEY, call_id TEXT NOT NULL, tenant_id TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
  message TEXT NOT NULL, origin TEXT NOT NULL, request_json TEXT NOT NULL, stream_id TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX actions_call ON actions (call_id);

CREATE TABLE events (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, type TEXT NOT NULL, call_id TEXT NOT NULL, sequence INTEGER NOT NULL,
  body BLOB, created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX events_in_sequence ON events (call_id, sequence) WHERE call_id <> '';
CREATE UNIQUE INDEX events_one_terminal ON events (call_id)
  WHERE call_id <> '' AND type IN ('call.no_answer', 'call.completed', 'call.failed');
CREATE INDEX events_age ON events (created_at) WHERE body IS NOT NULL;

CREATE TABLE endpoints (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, url TEXT NOT NULL, events_json TEXT NOT NULL, enabled INTEGER NOT NULL,
  secret TEXT NOT NULL, previous_secret TEXT NOT NULL, previous_until INTEGER, secret_prefix TEXT NOT NULL,
  single_signature INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, disabled_at INTEGER,
  disabled_reason TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0, first_failure_at INTEGER, last_failure_at INTEGER,
  last_success_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX endpoints_url ON endpoints (tenant_id, url);

CREATE TABLE deliveries (
  id TEXT PRIMARY KEY, event_id TEXT NOT NULL, event_type TEXT NOT NULL, endpoint_id TEXT NOT NULL, tenant_id TEXT NOT NULL,
  call_id TEXT NOT NULL, sequence INTEGER NOT NULL, status TEXT NOT NULL, attempt_count INTEGER NOT NULL,
  schedule_step INTEGER NOT NULL, due_at INTEGER, lease_until INTEGER, last_status INTEGER, last_error TEXT NOT NULL,
  signature_timestamp INTEGER, signature TEXT NOT NULL, replay INTEGER NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, first_attempt_at INTEGER, finished_at INTEGER
);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, replay, due_at) WHERE status = 'pending' AND lease_until IS NULL;
CREATE INDEX deliveries_next ON deliveries (due_at) WHERE status = 'pending' AND lease_until IS NULL;
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX deliveries_first ON deliveries (endpoint_id, call_id, sequence)
  WHERE status = 'pending' AND attempt_count = 0 AND replay = 0 AND call_id <> '';
CREATE INDEX deliveries_page ON deliveries (tenant_id, created_at, id);
CREATE INDEX deliveries_age ON deliveries (created_at);

CREATE TABLE attempts (
  delivery_id TEXT NOT NULL, number INTEGER NOT NULL, started_at INTEGER NOT NULL, ms INTEGER NOT NULL, status INTEGER,
  error TEXT NOT NULL, ip TEXT NOT NULL, excerpt TEXT NOT NULL, PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;
CREATE INDEX attempts_age ON attempts (started_at);

CREATE TABLE idempotency (
  tenant_id TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER, body TEXT NOT NULL,
  created_at INTEGER NOT NULL, PRIMARY KEY (tenant_id, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (created_at);
)sql";

}  // namespace boni::store::migrations
