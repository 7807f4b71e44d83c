// Migration 3: what is used and what it costs (api-semantics 11). Quantities are seconds or pieces, prices and charges micro-rupees.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view usage = R"sql(
CREATE TABLE price_cards (
  plan TEXT NOT NULL, version INTEGER NOT NULL, valid_from INTEGER NOT NULL, prices_json TEXT NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (plan, version)
) WITHOUT ROWID;

CREATE TABLE usage (
  tenant_id TEXT NOT NULL, event_type TEXT NOT NULL, subject TEXT NOT NULL, started_at INTEGER NOT NULL, quantity INTEGER NOT NULL,
  billable INTEGER NOT NULL, charge INTEGER NOT NULL, PRIMARY KEY (tenant_id, event_type, subject)
) WITHOUT ROWID;
CREATE INDEX usage_window ON usage (tenant_id, started_at);

CREATE TABLE usage_months (
  tenant_id TEXT NOT NULL, month TEXT NOT NULL, event_type TEXT NOT NULL, quantity INTEGER NOT NULL, included INTEGER NOT NULL,
  changed_at INTEGER NOT NULL, told INTEGER NOT NULL, told_percent INTEGER NOT NULL, PRIMARY KEY (tenant_id, month, event_type)
) WITHOUT ROWID;
CREATE INDEX usage_months_untold ON usage_months (tenant_id, month) WHERE told < quantity;
)sql";

}  // namespace boni::store::migrations
