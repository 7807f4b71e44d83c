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

/// 429 for a platform that has more to do than it can.
Error overloaded();
/// How long the control thread takes to come to something new.
Task<std::chrono::nanoseconds> queue_delay(Clock& clock);

/// A customer's URL or SIP URI that is to be saved: grammar, then DNS with its own bucket. Errc::invalid `unsafe_url` at `field`,
/// Errc::limit when the tenant's addresses cost too many lookups.
Task<Result<>> vet(Asked& asked, std::string url, egress::Use use, std::string field);

}  // namespace boni::api
