// GET /webhook-deliveries, newest first; POST /webhook-deliveries/{webhook_delivery_id}/replay (events-and-webhooks 6).
#include "api/body.hpp"
#include "api/page.hpp"

namespace boni::api {
namespace {

constexpr std::string_view delivery_filters[] = {"status"};

Result<store::DeliveryFilter> delivery_search_of(Asked const& asked) {
    store::DeliveryFilter filter{.tenant = asked.tenant.id};
    TRY(filter.limit, limit_of(asked.request, 20));
    TRY(filter.after, cursor_of(asked, delivery_filters));
    TRY(auto const status, parameter_of(asked.request, "status"));
    if (status) {
        filter.status = from_name<model::DeliveryStatus>(*status);
        if (!filter.status) return wrong("status", "must be pending, delivered or failed");
    }
    return filter;
}

Result<> check_deliveries(Asked const& asked) {
    CHECK_OK(delivery_search_of(asked));
    return {};
}

Task<Result<Answer>> list_deliveries(Asked& asked) {
    CO_TRY(auto filter, delivery_search_of(asked));
    auto const limit = filter.limit++;
    CO_TRY(auto deliveries, co_await asked.services.store.deliveries(filter));
    auto const next = cut(deliveries, limit, &model::Delivery::created_at);
    json::array rows;
    for (auto const& delivery : deliveries) rows.push_back(model::to_json(delivery, asked.now));
    co_return page_answer(asked, std::move(rows), next, delivery_filters);
}

Task<Result<Answer>> replay(Asked& asked) {
    auto const id = DeliveryId::from(asked.param("webhook_delivery_id"));
    CO_CHECK_OK(co_await asked.services.store.replay(asked.tenant.id, id, asked.now, finished(asked, 202, nullptr)));
    co_return Answer{.status = 202, .stored = true};
}

constexpr Operation delivery_operations[] = {
    {"GET", "/webhook-deliveries", model::Scope::read, ExtraBucket::lists, check_deliveries, list_deliveries},
    {"POST", "/webhook-deliveries/{webhook_delivery_id}/replay", model::Scope::write, ExtraBucket::replays, nullptr, replay},
};

}  // namespace

extern Resource const webhook_deliveries_resource{delivery_operations};

}  // namespace boni::api
