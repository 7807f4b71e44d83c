#include "model/usage.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/edit_distance.hpp"

namespace boni::model {
namespace {

constexpr UsageType types[] = {
    {"inbound_call_minutes", "minute", 60, 60}, {"outbound_leg_minutes", "minute", 60, 60}, {"sip_leg_minutes", "minute", 60, 1},
    {"whatsapp_call_seconds", "second", 1, 6},  {"media_stream_minutes", "minute", 60, 1},  {"recording_minutes", "minute", 60, 1},
    {"recording_storage", "gb_day", 1'000'000, 1},   // kilobytes; a gb_day is a million of them for a day
    {"transcription_minutes", "minute", 60, 1}, {"agent_minutes", "minute", 60, 1},         {"stt_seconds", "second", 1, 1},
    {"llm_input_tokens", "token", 1, 1},        {"llm_output_tokens", "token", 1, 1},       {"tts_characters", "character", 1, 1},
    {"number_days", "day", 1, 1},
};

constexpr std::int64_t micro = 1'000'000;

double figure(json::object const& in, std::string_view name, double otherwise) {
    auto const* const value = json::find(in, name);
    return value && value->is_number() ? value->to_number<double>() : otherwise;
}

/// 10, not 1E1.
json::value shown(std::int64_t scaled, std::int64_t scale) {
    return scaled % scale == 0 ? json::value(scaled / scale) : json::value(double(scaled) / double(scale));
}

}  // namespace

std::span<UsageType const> usage_table() { return types; }

UsageType const* find_usage_type(std::string_view name) {
    auto const* const found = std::ranges::find(types, name, &UsageType::name);
    return found == std::end(types) ? nullptr : found;
}

Price PriceCard::price(UsageType const& type) const {
    auto const* const said = json::object_at(prices, type.name);
    if (!said) return {.pulse = type.pulse};
    return {.micro_inr = std::llround(figure(*said, "priceInr", 0) * double(micro)),
            .pulse = std::max<std::int64_t>(1, std::llround(figure(*said, "pulse", double(type.pulse)))),
            .included = std::llround(figure(*said, "included", 0) * double(type.per_unit))};
}

Result<> check_plan(std::string_view plan, std::string_view unnamed, std::span<PriceCard const> book) {
    std::set<std::string> known{std::string{unnamed}};
    for (auto const& card : book) known.insert(card.plan);
    if (!plan.empty() && (book.empty() || known.contains(std::string{plan}))) return {};
    return fail(Errc::invalid, fmt::format("the price book has no plan '{}'; {}", plan, meant(plan, {known.begin(), known.end()})), "plan",
                "unknown_reference");
}

json::value rupees(std::int64_t micro_inr) { return shown(micro_inr, micro); }

json::object to_json(UsageTotal const& total) {
    auto const* const type = find_usage_type(total.type);
    auto const per_unit = type ? type->per_unit : 1;
    constexpr std::int64_t paise = micro / 100;
    json::object out{{"eventType", total.type}, {"unit", type ? type->unit : ""}};
    out["amount"] = shown((total.quantity * micro + per_unit / 2) / per_unit, micro);
    out["billableAmountInr"] = shown((total.charge + paise / 2) / paise, 100);
    return out;
}

}  // namespace boni::model
