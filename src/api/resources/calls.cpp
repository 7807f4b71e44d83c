// GET /calls: the log, newest first. GET /calls/{call_id}: one call with its timeline (api-semantics 8).
#include "api/body.hpp"
#include "api/page.hpp"

namespace boni::api {
namespace {

constexpr std::string_view call_filters[] = {"number_id", "channel", "from", "to"};

struct CallSearch {
    store::CallFilter filter;
    std::optional<Instant> last_day;                ///< first instant of `to`
};

Result<CallSearch> call_search_of(Asked const& asked) {
    CallSearch search{.filter{.tenant = asked.tenant.id}};
    TRY(search.filter.limit, limit_of(asked.request, 20));
    TRY(search.filter.after, cursor_of(asked, call_filters));
    TRY(auto const number, parameter_of(asked.request, "number_id"));
    if (number) search.filter.number = NumberId::from(*number);
    TRY(auto const channel, parameter_of(asked.request, "channel"));
    if (channel) {
        search.filter.channel = from_name<model::Channel>(*channel);
        if (!search.filter.channel) return wrong("channel", "must be pstn or whatsapp_calling");
    }
    TRY(search.filter.from, day_of(asked.request, "from"));
    TRY(search.last_day, day_of(asked.request, "to"));
    if (search.last_day) search.filter.until = *search.last_day + std::chrono::days{1};   // India has no daylight saving
    return search;
}

Result<> check_calls(Asked const& asked) {
    CHECK_OK(call_search_of(asked));
    return {};
}

Task<Result<Answer>> list_calls(Asked& asked) {
    CO_TRY(auto search, call_search_of(asked));
    CO_CHECK_OK(check_days(search.filter.from, search.last_day));
    auto const limit = search.filter.limit++;
    CO_TRY(auto calls, co_await asked.services.store.calls(search.filter));
    auto const next = cut(calls, limit, &model::Call::started_at);
    json::array rows;
    for (auto const& call : calls) rows.push_back(model::to_json(call));
    co_return page_answer(asked, std::move(rows), next, call_filters);
}

Task<Result<Answer>> get_call(Asked& asked) {
    CO_TRY(auto const call, co_await asked.services.store.call(asked.tenant.id, CallId::from(asked.param("call_id"))));
    CO_TRY(auto const timeline, co_await asked.services.store.timeline(call.id));
    auto out = model::to_json(call);
    json::array rows;
    for (auto const& row : timeline) rows.push_back(json::object{{"at", rfc3339(row.at)}, {"event", row.event}, {"detail", row.detail}});
    out["timeline"] = std::move(rows);
    co_return Answer{.body = std::move(out)};
}

constexpr Operation call_operations[] = {
    {"GET", "/calls", model::Scope::read, ExtraBucket::lists, check_calls, list_calls},
    {"GET", "/calls/{call_id}", model::Scope::read, ExtraBucket::none, nullptr, get_call},
};

}  // namespace

extern Resource const calls_resource{call_operations};

}  // namespace boni::api
