// The body of an InboundRouteUpsert, as every operation that saves a route takes it. Thread: control.
#pragma once

#include "api/resource.hpp"
#include "model/call.hpp"
#include "model/route.hpp"

namespace boni::api {

/// Its form: 400 only.
Result<> check_route(json::object const& body, Asked const& asked);

/// What it means: features (403), then values, references and addresses (422). The route has no id, number or times yet.
/// `channel`: of the number it is for.
Task<Result<model::Route>> read_route(json::object body, Asked& asked, model::Channel channel);

}  // namespace boni::api
