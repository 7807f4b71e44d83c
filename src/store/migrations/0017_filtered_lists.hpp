// Migration 17: lists that are filtered find their rows, and do not read all that a tenant has to find few. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

/// Most calls come from carriers and most deliveries are delivered: the others are the ones that are looked for, and cost the rest nothing.
/// A partial index serves a query that has its condition word for word.
constexpr std::string_view filtered_lists = R"sql(
CREATE INDEX calls_of_number ON calls (tenant_id, number_id, started_at, id);
CREATE INDEX calls_of_whatsapp ON calls (tenant_id, started_at, id) WHERE channel = 'whatsapp_calling';
CREATE INDEX deliveries_pending ON deliveries (tenant_id, created_at, id) WHERE status = 'pending';
CREATE INDEX deliveries_failed ON deliveries (tenant_id, created_at, id) WHERE status = 'failed';
)sql";

}  // namespace boni::store::migrations
