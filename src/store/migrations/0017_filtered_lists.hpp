// Migration 17: lists that are filtered find their rows, and do not read all that a tenant has to find few. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

/// Most deliveries are delivered: those that are not are the ones that are looked for.
constexpr std::string_view filtered_lists = R"sql(
CREATE INDEX calls_of_number ON calls (tenant_id, number_id, started_at, id);
CREATE INDEX calls_of_channel ON calls (tenant_id, channel, started_at, id);
CREATE INDEX deliveries_pending ON deliveries (tenant_id, created_at, id) WHERE status = 'pending';
CREATE INDEX deliveries_failed ON deliveries (tenant_id, created_at, id) WHERE status = 'failed';
)sql";

}  // namespace boni::store::migrations
