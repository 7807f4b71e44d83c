// A number as its tenant sees it: the contract's `Number`, of PSTN and WhatsApp numbers alike. Thread: any.
#pragma once

#include "base/json.hpp"
#include "model/number.hpp"
#include "model/tenant.hpp"

namespace boni::api {

json::object shown(model::Number const& number, model::Tenant const& tenant);

}  // namespace boni::api
