// W3C trace context of what is sent about a call: one trace a call, whoever sends. Pure. Thread: any.
#pragma once

#include <string>
#include <string_view>

#include "base/id.hpp"

namespace boni::model {

/// The trace is the call's, the span that of `part`, both derived so that every part of the platform agrees.
std::string traceparent(CallId const& call, std::string_view part);

}  // namespace boni::model
