#include "model/tenant.hpp"

#include <algorithm>

namespace boni::model {
namespace {

constexpr FeatureDefault features[] = {
    {"outbound", false, false},      {"sip_targets", false, false}, {"control_webhook", true}, {"media_stream", false},
    {"ai_agents", false},            {"recording", false},          {"transcription", false},  {"whatsapp_calling", false},
    {"warm_transfer", false, false}, {"bow_chat", false, false},    {"high_concurrency", false},
};

constexpr LimitDefault limits[] = {
    {"concurrent_calls", 10},        {"calls_per_second", 5, 1}, {"requests_per_minute", 6000, 1},
    {"key_requests_per_minute", 3000, 1}, {"numbers", 10},         {"webhook_endpoints", 10},
    {"voice_agents", 20},            {"concurrent_agents", 10}, {"streams_per_call", 4},
    {"max_call_seconds", 14400},     {"recording_retention_days", 90, 1}, {"timeline_retention_days", 400, 90},
};

}  // namespace

std::span<FeatureDefault const> feature_table() { return features; }
std::span<LimitDefault const> limit_table() { return limits; }

bool Tenant::feature(std::string_view name) const {
    if (auto const set = features.find(std::string{name}); set != features.end()) return set->second;
    auto const* known = std::ranges::find(model::features, name, &FeatureDefault::name);
    return known != std::end(model::features) && known->on;
}

double Tenant::limit(std::string_view name) const {
    auto const* const known = std::ranges::find(model::limits, name, &LimitDefault::name);
    if (known == std::end(model::limits)) return 0;
    auto const set = limits.find(std::string{name});
    auto const value = std::max(set != limits.end() ? set->second : known->value, known->floor);
    return name == "concurrent_calls" && !feature("high_concurrency") ? std::min(value, plain_concurrency_max) : value;
}

}  // namespace boni::model
