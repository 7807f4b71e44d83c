// Whose keys sign what asks a customer's server about a call. Thread: control.
#pragma once

#include <vector>

#include "base/secret.hpp"
#include "call/call.hpp"

namespace boni::call {

/// Raw 32-byte keys, active first: of `endpoint` when it is named, else of the route's endpoint, else the tenant's control secret. One
/// that was deleted signs nothing more: the next of them does.
Task<Result<std::vector<Secret>>> signing_keys(Call& call, EndpointId endpoint = {});

}  // namespace boni::call
