// Which buckets a request is counted in, and how its answer tells (api-semantics 6). Thread: control. Owner: Api.
#pragma once

#include <chrono>
#include <string_view>

#include "api/resource.hpp"
#include "http/response.hpp"

namespace boni::api {

/// What RateLimit and Retry-After say about one request.
struct Figures {
    int tenant_each_minute = 0;
    int key_each_minute = 0;
    std::string_view tightest;                      ///< "tenant" or "key"
    int left = 0;
    std::chrono::seconds full_after{1};
    std::chrono::seconds retry_after{0};            ///< set when a bucket refused
};

/// Key, then tenant: Errc::limit of the first that is empty. `enforced` false: none is counted.
Result<> take(Buckets& buckets, store::KeyOwner const& owner, bool enforced, Steady now, Figures& figures);
/// The operation's own bucket, where it has one; for requests that the key may make.
Result<> take_own(Buckets& buckets, model::Tenant const& tenant, http::Request const& request, Operation const& operation, bool enforced,
                  Steady now, Figures& figures);
/// RateLimit-Policy and RateLimit.
void tell(Figures const& figures, http::Response& response);

/// 429 of a bucket that is empty.
std::unexpected<Error> rate_limited(std::string what);

}  // namespace boni::api
