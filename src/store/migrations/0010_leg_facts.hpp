// Migration 10: what is known of a live call's leg, so that its record is whole when the node dies (sip.md 8). NULL once the record is
// written, and for calls from before. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view leg_facts = R"sql(
ALTER TABLE calls ADD COLUMN leg_json TEXT;
)sql";

}  // namespace boni::store::migrations
