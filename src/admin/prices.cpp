// The price book: cards by plan, each change a new version; calls are priced with the card valid when they began (api-semantics 11).
#include <algorithm>
#include <cmath>

#include "admin/operation.hpp"
#include "base/edit_distance.hpp"

namespace boni::admin {
namespace {

constexpr std::size_t plan_bytes_max = 64;
// A charge is kept in micro-rupees, 64 bits of them: at this price 92 million units in one row, e.g. a call of 170 years.
constexpr double price_max = 100'000, included_max = 1'000'000'000, pulse_max = 3600;

json::object shown(model::PriceCard const& card) {
    return {{"plan", card.plan}, {"version", card.version}, {"validFrom", rfc3339(card.valid_from)}, {"prices", card.prices},
            {"createdAt", rfc3339(card.created_at)}};
}

Task<Result<Answer>> list_prices(Asked& asked) {
    CO_TRY(auto cards, co_await asked.services.store.price_cards());
    auto const position = [](model::PriceCard const& card) { return api::Position{card.created_at, card.plan + '/' + std::to_string(card.version)}; };
    co_return page_of_few(asked, std::move(cards), [](auto const& card) { return shown(card); }, position);
}

enum class Figure { any, whole };

Result<> check_figure(json::object const& in, std::string const& place, std::string_view name, double least, double most, Figure kind = Figure::any) {
    auto const* const value = json::find(in, name);
    if (!value) return {};
    auto const figure = value->is_number() ? value->to_number<double>() : -1;
    auto const fits = kind == Figure::any || figure == std::floor(figure);
    if (figure >= least && figure <= most && fits) return {};
    auto const range = " from " + std::to_string(std::int64_t(least)) + " to " + std::to_string(std::int64_t(most));
    return wrong(place + '.' + std::string{name}, (kind == Figure::whole ? "must be a whole number" : "must be a number") + range);
}

/// Whole micro-rupees: what is less would be rounded away without a word.
Result<> check_price(json::object const& in, std::string const& place) {
    constexpr double micro = 1e6, slack = 1e-3;   // 0.65 is not exactly 650000 of them
    auto const* const value = json::find(in, "priceInr");
    auto const price = value->is_number() ? value->to_number<double>() : -1;
    auto const field = place + ".priceInr";
    if (price < 0) return wrong(field, "must be a number of rupees from 0 to 100000");
    if (price > price_max) return fail(Errc::invalid, field + " is at most 100000 rupees", field, "limit_exceeded");
    if (std::abs(price * micro - std::round(price * micro)) > slack) return wrong(field, "has at most six decimals");
    return {};
}

Result<json::object> prices_of(json::object const& body) {
    auto const* const prices = json::object_at(body, "prices");
    if (!prices || prices->empty()) return wrong("prices", "must name at least one event type with its priceInr");
    for (auto const& one : *prices) {
        auto const place = "prices." + std::string{one.key()};
        if (!model::find_usage_type(one.key()))
            return wrong(place, "is no event type of usage; " + meant(one.key(), names_in(model::usage_table())));
        auto const* const price = one.value().if_object();
        if (!price || !json::find(*price, "priceInr")) return wrong(place, "must be an object with priceInr");
        CHECK_OK(only(*price, {"priceInr", "pulse", "included"}));
        CHECK_OK(check_price(*price, place));
        CHECK_OK(check_figure(*price, place, "pulse", 1, pulse_max, Figure::whole));
        CHECK_OK(check_figure(*price, place, "included", 0, included_max));
    }
    return *prices;
}

/// From the beginning of a day in India, or from now on.
Result<Instant> valid_from_of(json::object const& body, Instant now) {
    TRY(auto const day, text_of(body, "validFrom", 10));
    if (!day) return now;
    auto const start = ist_day_start(*day);
    if (!start) return wrong("validFrom", "must be a date, YYYY-MM-DD");
    return *start;
}

Task<Result<Answer>> add(Asked& asked) {
    CO_CHECK_OK(only(asked.body, {"validFrom", "prices"}));
    auto const plan = asked.param("plan");
    auto const control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };   // no tenant can have such a plan, and no card is ever removed
    if (plan.size() > plan_bytes_max || std::ranges::any_of(plan, control))
        co_return wrong("plan", "has at most 64 bytes, without control characters");
    CO_TRY(auto const prices, prices_of(asked.body));
    CO_TRY(auto const from, valid_from_of(asked.body, asked.now));
    model::PriceCard card{.plan = plan, .valid_from = from, .prices = prices, .created_at = asked.now};
    CO_TRY(auto const added, co_await asked.services.store.add_price_card(std::move(card), asked.entry(plan)));
    co_return Answer{201, shown(added)};
}

}  // namespace

std::span<Operation const> price_operations() {
    static constexpr Operation operations[] = {
        {"GET", "/v1/prices", list_prices, page_parameters},
        {"POST", "/v1/plans/{plan}/prices", add},
    };
    return operations;
}

}  // namespace boni::admin
