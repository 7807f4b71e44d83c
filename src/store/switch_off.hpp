// An endpoint that the platform switches off, with the results that were the reason. Thread: the writer's.
#pragma once

#include "store/session.hpp"

namespace boni::store {

/// enabled=false with the reason; pending deliveries become failed (endpoint_disabled). false: it is off or deleted already, and its first reason stays.
bool switch_off(Session& db, EndpointId const& id, std::string const& reason, Instant now);

}  // namespace boni::store
