// Migration 2: the resources beside numbers and calls. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view resources = R"sql(
CREATE TABLE agents (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, greeting TEXT NOT NULL,
  instructions TEXT NOT NULL, fallback_json TEXT, metadata_json TEXT, status TEXT NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX agents_key ON agents (tenant_id, key);

CREATE TABLE number_requests (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, use_case TEXT NOT NULL, preferred_city TEXT NOT NULL,
  fallback_phone_number TEXT NOT NULL, metadata_json TEXT, status TEXT NOT NULL, number_id TEXT NOT NULL, note TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX number_requests_tenant ON number_requests (tenant_id, created_at, id);

CREATE TABLE whatsapp_calling (
  number_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, phone_number_id TEXT NOT NULL, waba_id TEXT NOT NULL,
  business_phone_number TEXT NOT NULL, bow_chat_inbox_id TEXT NOT NULL, default_route_json TEXT, metadata_json TEXT,
  status TEXT NOT NULL, consent TEXT NOT NULL, reason TEXT NOT NULL, checked_at INTEGER, updated_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX whatsapp_calling_tenant ON whatsapp_calling (tenant_id);

CREATE TABLE recordings (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, call_id TEXT NOT NULL, action_id TEXT NOT NULL, milliseconds INTEGER NOT NULL,
  channels INTEGER NOT NULL, bytes INTEGER NOT NULL, file TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX recordings_call ON recordings (call_id, created_at, id);

CREATE TABLE transcripts (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, call_id TEXT NOT NULL, recording_id TEXT NOT NULL, status TEXT NOT NULL,
  language TEXT NOT NULL, text TEXT NOT NULL, summary TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX transcripts_call ON transcripts (call_id, created_at, id);
)sql";

}  // namespace boni::store::migrations
