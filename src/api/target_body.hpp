// What a RouteTarget of a request means beyond its own form: who it names and where it leads. Thread: control.
#pragma once

#include "api/resource.hpp"
#include "model/call.hpp"
#include "model/route.hpp"

namespace boni::api {

struct Settling {
    model::Channel channel = model::Channel::pstn;      ///< of the number it is for
    int agents_max = model::agents_in_a_row_max;        ///< how long a chain of agents may begin here
};

/// After call::check_target: references (422 unknown_reference, invalid_target, channel_target_forbidden), then addresses
/// (422 unsafe_url, 429) at `at` + field.
Task<Result<>> settle_target(Asked& asked, model::Target target, std::string at, Settling how = {});

}  // namespace boni::api
