// Migration 12: the operator's lists of all tenants page without sorting what there is. Conventions as in 0001.
#pragma once

#include <string_view>

namespace boni::store::migrations {

constexpr std::string_view operator_lists = R"sql(
CREATE INDEX tenants_page ON tenants (created_at, id);
CREATE INDEX numbers_page ON numbers (created_at, id);
CREATE INDEX numbers_type_page ON numbers (type, created_at, id);
CREATE INDEX number_requests_page ON number_requests (created_at, id);
)sql";

}  // namespace boni::store::migrations
