// What is metered, in which unit, and what a plan asks for it (api-semantics 11). Pure; any thread.
//
// Quantities are whole seconds or whole pieces, money is micro-rupees: nothing is lost before the one rounding of an answer.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace boni::model {

struct UsageType {
    std::string_view name;
    std::string_view unit;
    std::int64_t per_unit;                   ///< 60: quantities are seconds, the unit is a minute
    std::int64_t pulse;                      ///< quantities are counted in multiples of it unless the plan says otherwise
};
/// Every type, in the order an answer lists them.
std::span<UsageType const> usage_table();
UsageType const* find_usage_type(std::string_view name);

struct Price {
    std::int64_t micro_inr = 0;              ///< of one unit, without GST
    std::int64_t pulse = 1;
    std::int64_t included = 0;               ///< quantity that costs nothing, per calendar month in India
};

/// One version of a plan's prices; a call is priced with the card valid at its start.
struct PriceCard {
    std::string plan;
    int version = 0;
    Instant valid_from{};
    json::object prices;                     ///< {"inbound_call_minutes": {"priceInr": 0.65, "pulse": 60, "included": 1000}}
    Instant created_at{};

    /// A type without a price costs nothing and has the table's pulse.
    Price price(UsageType const& type) const;
};

/// `plan` has a card in the book, or is the one a tenant has that names none. A name without a card is a letter too few, and its calls
/// are free; while the book is empty, which is before the first price, all calls are, and any name will do.
/// Errc::invalid `unknown_reference`, field "plan".
Result<> check_plan(std::string_view plan, std::string_view unnamed, std::span<PriceCard const> book);

/// So much was used so far of one thing; grows only.
struct Metered {
    std::string_view type;
    std::int64_t quantity = 0;
};

struct UsageTotal {
    std::string type;
    std::int64_t quantity = 0;
    std::int64_t charge = 0;                 ///< micro-rupees
};

/// A row of the contract's `UsageSummary.totals`: six decimals of the unit, two of a rupee, half up.
json::object to_json(UsageTotal const& total);
/// Micro-rupees as rupees, exactly: of one call, so that the sums of many are those of `totals`.
json::value rupees(std::int64_t micro_inr);

}  // namespace boni::model
