// GET /usage: what began in a span of days in India, and what it costs (api-semantics 8 and 11).
#include "api/page.hpp"

namespace boni::api {
namespace {

struct Window {
    Instant first;
    Instant last;                                   ///< first instant of the last day
};

/// Without `to`: until today; without `from`: from the first of the month it ends in.
Result<Window> window_of(Asked const& asked) {
    TRY(auto const from, day_of(asked.request, "from"));
    TRY(auto const to, day_of(asked.request, "to"));
    auto const last = to.value_or(ist_midnight(asked.now));
    TRY(auto const month, ist_day_start(ist_date(last).substr(0, 8) + "01"));
    return Window{from.value_or(month), last};
}

Result<> check_window(Asked const& asked) {
    CHECK_OK(window_of(asked));
    return {};
}

Task<Result<Answer>> get_usage(Asked& asked) {
    CO_TRY(auto const window, window_of(asked));
    CO_CHECK_OK(check_days(window.first, window.last));
    CO_TRY(auto const totals, co_await asked.services.store.usage(asked.tenant.id, window.first, window.last + std::chrono::days{1}));
    json::array rows;
    for (auto const& total : totals) rows.push_back(model::to_json(total));
    co_return Answer{.body = json::object{{"window", json::object{{"from", ist_date(window.first)}, {"to", ist_date(window.last)}}},
                                          {"totals", std::move(rows)}}};
}

constexpr Operation usage_operations[] = {{"GET", "/usage", model::Scope::read, ExtraBucket::lists, check_window, get_usage}};

}  // namespace

extern Resource const usage_resource{usage_operations};

}  // namespace boni::api
