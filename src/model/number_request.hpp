// What a tenant asks for when it wants a further number, and how far the operator is with it. Plain values; any thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/json.hpp"
#include "base/names.hpp"

namespace boni::model {

enum class NumberRequestStatus { submitted, kyc_required, approved, rejected, fulfilled };

struct NumberRequest {
    NumberRequestId id;
    TenantId tenant;
    std::string use_case;
    std::string preferred_city;              ///< empty: none
    std::string fallback_phone_number;       ///< E.164; empty: none
    std::optional<json::object> metadata;
    NumberRequestStatus status = NumberRequestStatus::submitted;
    NumberId number;                         ///< empty until it is fulfilled
    std::string note;                        ///< the operator's, for the operator
    Instant created_at{};
    Instant updated_at{};
};

/// Submitted goes to KYC or is decided at once; approved is fulfilled with a number; rejected and fulfilled are final.
bool may_move(NumberRequestStatus from, NumberRequestStatus to);

/// The contract's `NumberRequest`.
json::object to_json(NumberRequest const& request);

}  // namespace boni::model

namespace boni {
template <>
inline constexpr auto names_of<model::NumberRequestStatus> = names<model::NumberRequestStatus>({
    {model::NumberRequestStatus::submitted, "submitted"}, {model::NumberRequestStatus::kyc_required, "kyc_required"},
    {model::NumberRequestStatus::approved, "approved"}, {model::NumberRequestStatus::rejected, "rejected"},
    {model::NumberRequestStatus::fulfilled, "fulfilled"}});
}  // namespace boni
