// Events as they would look, for `POST /webhook-endpoints/{id}/test`: real shapes, sample ids. Thread: any.
#pragma once

#include <string>
#include <string_view>

#include "model/event.hpp"

namespace boni::api {

/// Every type of the contract's list has one. `data.test` is true, and no id in it is of anything that exists.
model::Event sample_event(TenantId tenant, std::string_view type, Instant now);

}  // namespace boni::api
