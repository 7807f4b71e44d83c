// Migration 15: how late it is for what is kept for a time only. The machine's clock may say anything.
#pragma once

#include <string_view>

namespace boni::store::migrations {

/// One row, or none until something is removed for the first time. A file of before begins with the last thing that happened in it.
constexpr std::string_view retention = R"sql(
CREATE TABLE retention (time INTEGER NOT NULL);
INSERT INTO retention (time) SELECT MAX(created_at) FROM events HAVING MAX(created_at) IS NOT NULL;
)sql";

}  // namespace boni::store::migrations
