// Migration 7: an idempotency row is an answer. Those of requests that were cut off have none, and their keys are free. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view answers = R"sql(
DELETE FROM idempotency WHERE status IS NULL;
)sql";

}  // namespace boni::store::migrations
