// Migration 14: events that belong to no call can be found by their age, to be removed. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view account_events = R"sql(
CREATE INDEX events_of_no_call ON events (created_at) WHERE call_id = '';
)sql";

}  // namespace boni::store::migrations
