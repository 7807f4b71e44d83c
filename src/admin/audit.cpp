// What operators did: a row for each write, committed with it (Asked::entry), and the list of them.
#include "admin/operation.hpp"
#include "admin/redacted.hpp"

namespace boni::admin {
namespace {

constexpr std::string_view audit_filters[] = {"tenant", "from", "to"};

Task<Result<Answer>> audit_rows(Asked& asked) {
    auto const listing = listing_of(asked, audit_filters);
    store::AuditFilter filter;
    CO_TRY(filter.limit, api::limit_of(asked.request, 20));
    CO_TRY(filter.after, api::cursor_of(listing));
    CO_TRY(filter.from, api::day_of(asked.request, "from"));
    CO_TRY(auto const last_day, api::day_of(asked.request, "to"));
    CO_CHECK_OK(api::check_days(filter.from, last_day));
    if (last_day) filter.until = *last_day + std::chrono::days{1};   // India has no daylight saving
    CO_TRY(auto const word, api::parameter_of(asked.request, "tenant"));
    if (word) {
        CO_TRY(auto const tenant, co_await tenant_called(asked, *word));
        filter.tenant = tenant.id;
    }
    auto const limit = filter.limit++;               // one more tells whether there is a next page
    CO_TRY(auto entries, co_await asked.services.store.audit(filter));
    auto const next = api::cut(entries, limit, &model::AuditEntry::at);
    json::array rows;
    for (auto const& entry : entries) rows.push_back(model::to_json(entry));
    co_return page_answer(listing, std::move(rows), next);
}

}  // namespace

model::AuditEntry Asked::entry(std::string subject) {
    logged = true;
    return {.id = AuditId::fresh(now), .at = now, .who = who.name, .key = who.key, .source = who.source, .operation = std::string{operation},
            .tenant = tenant, .subject = std::move(subject), .request_id = request.id, .request = redacted(body)};
}

std::span<Operation const> audit_operations() {
    static constexpr Operation operations[] = {{"GET", "/v1/audit", audit_rows, "tenant from to limit cursor"}};
    return operations;
}

}  // namespace boni::admin
