// The headers of one attempt (events-and-webhooks 4). Pure. Thread: any.
#pragma once

#include <utility>
#include <vector>

#include "model/event.hpp"
#include "base/secret.hpp"

namespace boni::webhook {

/// "v1=<active>", or "v1=<active>,v1=<previous>" while a rotation overlaps and the endpoint did not ask for one value.
/// Errc::internal when a secret cannot be opened: another master key, or a damaged row.
Result<std::string> signature_header(model::WebhookEndpoint const& endpoint, Secret const& master_key, Instant now, std::string_view body);

/// Name and value, in a fixed order. `attempt` counts from 1.
std::vector<std::pair<std::string, std::string>> attempt_headers(model::Delivery const& delivery, int attempt, Instant now, std::string signature);

}  // namespace boni::webhook
