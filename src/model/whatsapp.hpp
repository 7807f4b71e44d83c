// What a WhatsApp number has besides being a number: whose it is at Meta, and how far calling on it is. Plain values; any thread.
#pragma once

#include <optional>
#include <string>

#include "model/number.hpp"

namespace boni::model {

enum class CallingStatus { not_enabled, pending, active, disabled, failing };
enum class ConsentStatus { unknown, not_required, available, unavailable };

struct WhatsAppCalling {
    NumberId number;
    TenantId tenant;
    std::string phone_number_id;             ///< Meta's; whole for the operator, masked for the tenant
    std::string waba_id;
    std::string business_phone_number;       ///< E.164; empty: not told
    std::string bow_chat_inbox_id;
    std::optional<json::object> default_route;   ///< body of an InboundRouteUpsert, applied when calling becomes active
    std::optional<json::object> metadata;
    CallingStatus status = CallingStatus::not_enabled;
    ConsentStatus consent = ConsentStatus::unknown;
    std::string reason;                      ///< of the operator, for `failing` and `disabled`
    std::optional<Instant> checked_at;       ///< when the operator last compared it with Meta
    Instant updated_at{};
};

/// "****6789": the last four characters; of four or fewer, none.
std::string last_four(std::string_view id);

/// The contract's `WhatsAppCallingNumber.whatsapp`, as a tenant sees it.
json::object to_json(WhatsAppCalling const& calling);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::CallingStatus> = names<model::CallingStatus>({
    {model::CallingStatus::not_enabled, "not_enabled"}, {model::CallingStatus::pending, "pending"}, {model::CallingStatus::active, "active"},
    {model::CallingStatus::disabled, "disabled"}, {model::CallingStatus::failing, "failing"}});
template <>
inline constexpr auto names_of<model::ConsentStatus> = names<model::ConsentStatus>({
    {model::ConsentStatus::unknown, "unknown"}, {model::ConsentStatus::not_required, "not_required"},
    {model::ConsentStatus::available, "available"}, {model::ConsentStatus::unavailable, "unavailable"}});
}  // namespace boni
