// A request's body as the operator's log keeps it. Pure. Thread: any.
#pragma once

#include "base/json.hpp"

namespace boni::admin {

/// What is kept of one body, as JSON.
constexpr std::size_t logged_bytes_max = 4096;

/// Members whose names speak of secrets, and texts that look like one of our keys, are "[redacted]", at any depth. A member that would
/// make it longer than `logged_bytes_max` is told by its size: "[70000 bytes]".
json::object redacted(json::object const& body);

}  // namespace boni::admin
