// The contract of a file in src/api/resources/: operations of the public API, each told as check, run, answer.
//
// Thread: control. api/api.cpp does what all of them have in common, in the order of api-semantics 1; a file here adds what is
// its own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/api.hpp"
#include "api/auth.hpp"
#include "api/rate_limit.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "egress/policy.hpp"
#include "http/request.hpp"
#include "model/tenant.hpp"
#include "store/store.hpp"

namespace boni::api {

struct Operation;

/// One authenticated request on its way through an operation. Owner: Api; it outlives check and run.
struct Asked {
    Services& services;
    ApiConfig const& config;
    Buckets& buckets;
    http::Request const& request;
    Operation const& operation;
    Owner owner;
    model::Tenant const& tenant;                    ///< the owner's
    Instant now{};
    json::object body{};                            ///< of POST and PUT; {} when absent
    std::optional<store::IdempotencyKey> key{};     ///< ours and `running` while `run` works
    std::chrono::seconds retry_after{1};            ///< what a 429 or 503 of `run` tells
    bool looks_up = false;                          ///< it counts among the tenant's that look up names

    std::string param(std::string_view name) const { return request.params.find(name)->second; }
};

/// What an operation says. Errors are Results; this is success.
struct Answer {
    int status = 200;
    std::optional<json::value> body;                ///< none: an empty body without a content type
    bool stored = false;                            ///< the idempotency record was committed with the effect already
    std::string link;                               ///< value of `Link`; empty: none
};

/// The Idempotency record that becomes an answer with the effect's own transaction; none without a key.
std::optional<store::FinishedRequest> finished(Asked const& asked, int status, json::value const* body);

/// Besides the buckets of key and tenant.
enum class ExtraBucket { none, lists, actions, replays, tests };

struct Operation {
    std::string_view method;                        ///< GET, POST, PUT
    std::string_view path;                          ///< below /v1, as in openapi.yaml: "/calls/{call_id}"
    std::optional<model::Scope> scope;              ///< of the key; none: any key, and a suspended tenant's too
    ExtraBucket bucket = ExtraBucket::none;
    /// Parameters and body against the contract: 400 only (Errc::malformed). Looks nothing up. May be null.
    Result<> (*check)(Asked const& asked);
    /// Lookups (404), features and plan (403), semantics (422), state (409), effect.
    Task<Result<Answer>> (*run)(Asked& asked);
    std::string_view action{};                      ///< the Call Action it performs; served only when the build has that action
};

struct Resource {
    std::span<Operation const> operations;
};

/// Generated from src/api/resources/, sorted by name.
std::span<Resource const* const> all_resources();

}  // namespace boni::api
