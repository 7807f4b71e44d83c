// An address that a customer saves has to be one that we may go to. Thread: control.
#pragma once

#include <string>

#include "api/resource.hpp"
#include "egress/policy.hpp"

namespace boni::api {

/// A URL or SIP URI: grammar, then DNS, with a bucket of its own. Errc::invalid `unsafe_url` at `field`, Errc::limit when too many
/// requests of the tenant had names to look up. Returns after 5 s at most.
Task<Result<>> vet(Asked& asked, std::string url, egress::Use use, std::string field);

}  // namespace boni::api
