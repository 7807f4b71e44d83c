// Phone numbers a tenant owns. Plain values; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::model {

enum class NumberStatus { available, reserved, assigned, disabled, quarantine };
enum class ActivationStatus { not_configured, carrier_ready, platform_ready, test_passed, live };
enum class RouteHealth { not_configured, configured, failing, healthy };
enum class NumberType { indian_business_number, whatsapp_calling };

struct Number {
    NumberId id;
    TenantId tenant;
    std::string phone_number;   ///< E.164
    std::string label;
    NumberStatus status = NumberStatus::assigned;
    ActivationStatus activation = ActivationStatus::not_configured;
    RouteHealth route_status = RouteHealth::not_configured;
    NumberType type = NumberType::indian_business_number;
    std::string trunk;          ///< name of the trunk it arrives on; empty: any
    Instant created_at{};
};

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::NumberStatus> = names<model::NumberStatus>({
    {model::NumberStatus::available, "available"}, {model::NumberStatus::reserved, "reserved"}, {model::NumberStatus::assigned, "assigned"},
    {model::NumberStatus::disabled, "disabled"}, {model::NumberStatus::quarantine, "quarantine"}});
template <>
inline constexpr auto names_of<model::ActivationStatus> = names<model::ActivationStatus>({
    {model::ActivationStatus::not_configured, "not_configured"}, {model::ActivationStatus::carrier_ready, "carrier_ready"},
    {model::ActivationStatus::platform_ready, "platform_ready"}, {model::ActivationStatus::test_passed, "test_passed"},
    {model::ActivationStatus::live, "live"}});
template <>
inline constexpr auto names_of<model::RouteHealth> = names<model::RouteHealth>({
    {model::RouteHealth::not_configured, "not_configured"}, {model::RouteHealth::configured, "configured"},
    {model::RouteHealth::failing, "failing"}, {model::RouteHealth::healthy, "healthy"}});
template <>
inline constexpr auto names_of<model::NumberType> = names<model::NumberType>({
    {model::NumberType::indian_business_number, "indian_business_number"}, {model::NumberType::whatsapp_calling, "whatsapp_calling"}});
}  // namespace boni
