// The public API: every operation of openapi.yaml that this build serves, and nothing else.
//
// A request passes the checks of api-semantics 1 in that order (api/api.cpp reads top to bottom); what a resource does is told by
// its file in api/resources/. Thread: control. Owner: App, which mounts `handle` on an http::Server under "/v1".
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/pool.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"

namespace boni::http {
struct Request;
struct Response;
}  // namespace boni::http
namespace boni::store { class Store; }
namespace boni::call { class Calls; }
namespace boni::egress {
class HttpClient;
struct Policy;
}  // namespace boni::egress

namespace boni::api {

struct ApiConfig {
    bool rate_limits = true;                        ///< false: no answer is 429, overload included; load tests
    std::string public_url;                         ///< "https://voice.example.com", before "/v1" in links; empty: relative links
    std::size_t in_flight_max = 256;                ///< requests at once; more are 429 `overloaded` (api-semantics 6)
    std::filesystem::path recordings{};             ///< folder of the files that recordings name
};

/// What the API may use. All outlive it. Owner: App.
struct Services {
    Clock& clock;
    store::Store& store;
    call::Calls& calls;
    egress::HttpClient& http;                       ///< only to vet URLs when they are saved
    egress::Policy const& policy;
    Pool& pool;
    Secret master_key;                              ///< 32 bytes; seals endpoint secrets, signs cursors
};

class Api {
  public:
    Api(ApiConfig config, Services services);
    ~Api();
    Api(Api const&) = delete;

    /// Answers one request of a path at or under "/v1", `HEAD` included; never throws, every answer has X-Request-Id.
    /// The request must outlive the task.
    Task<http::Response> handle(http::Request& request);

    /// Answers a request of a path under "/recordings/": a signed address, which needs no key (api-semantics 8).
    Task<http::Response> recording(http::Request& request);

    /// Whose key the request carries; errors as of a request without one.
    Task<Result<TenantId>> tenant_of(http::Request const& request);

    /// Drops a cached key at once; `hash` as in model::ApiKey. Without it a revocation takes effect within 5 s.
    void forget_key(std::string_view hash);
    /// From now on everything but actions of calls that are still live is 503 `unavailable`.
    void draining(bool on);

  private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace boni::api
