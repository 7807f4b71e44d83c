// What every request to a customer's server about a call carries: whose keys sign it, and the trace. Thread: control.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "call/call.hpp"

namespace boni::call {

/// Raw 32-byte keys, active first: of `endpoint` when it is named, else of the route's endpoint, else the tenant's control secret.
Task<Result<std::vector<Secret>>> signing_keys(Call& call, EndpointId endpoint = {});

/// W3C trace context: the trace is the call's, the span that of `part`, both derived so that every part of the platform agrees.
std::string traceparent(CallId const& call, std::string_view part);

}  // namespace boni::call
