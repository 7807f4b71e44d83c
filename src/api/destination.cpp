#include "api/destination.hpp"

#include "api/limits.hpp"
#include "egress/http_client.hpp"

namespace boni::api {
namespace {

constexpr auto vet_limit = 5s;    // the resolver gives up after 3 s; 2 s to wait for its turn

/// One of the tenant's for the whole request: whoever waits as a 429 says gets all of its names looked up, not the first of them again.
Result<> take_lookups(Asked& asked) {
    if (!asked.config.rate_limits || std::exchange(asked.looks_up, true)) return {};
    auto const taken = asked.buckets.take("dns " + asked.tenant.id.str(), dns_rate, asked.services.clock.steady());
    asked.retry_after = std::max(taken.retry_after, asked.retry_after);
    if (taken.allowed) return {};
    return rate_limited("too many requests with addresses to look up: at most 10 a minute");
}

}  // namespace

Task<Result<>> vet(Asked& asked, std::string url, egress::Use use, std::string field) {
    CO_TRY(auto const parsed, egress::check_url(url, asked.services.policy, use, field));
    auto const named = !parsed.literal && !parsed.loopback;
    if (named) CO_CHECK_OK(take_lookups(asked));
    auto const vetted = co_await within(vet_limit, asked.services.http.vet(std::move(url), use));
    if (!vetted) co_return std::unexpected(egress::unsafe_url(use, std::move(field)));   // one answer, also when the name servers are silent
    co_return Result<>{};
}

}  // namespace boni::api
