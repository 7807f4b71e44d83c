// The route of a number, whatever its kind: what GET and PUT of both `…/route` operations do. Thread: control.
#pragma once

#include "api/resource.hpp"
#include "model/number.hpp"

namespace boni::api {

Task<Result<Answer>> get_route(Asked& asked, model::Number number);
Task<Result<Answer>> put_route(Asked& asked, model::Number number);

}  // namespace boni::api
