// Idempotency-Key: the same request twice has one effect and one answer (api-semantics 5). Thread: control. Owner: Api.
#pragma once

#include <optional>
#include <string>

#include "api/resource.hpp"
#include "http/response.hpp"

namespace boni::api {

/// The key of a POST or PUT with its fingerprint; none without the header. 400: twice, empty, over 128, not visible ASCII.
Result<std::optional<store::IdempotencyKey>> key_of(Asked const& asked);

/// What was answered the first time, with `Idempotent-Replayed: true`; its requestId becomes this request's.
http::Response replayed(store::StoredAnswer const& answer, http::Request const& request);

/// Once `asked.operation` has run: stores a 2xx that is not stored yet and a 409, gives the key back after everything else.
Task<> settle(Asked& asked, Result<Answer> const& answer, http::Response const& response);

}  // namespace boni::api
