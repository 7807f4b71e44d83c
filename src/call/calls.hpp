// All live calls of this process: how they come in, how the API finds them, how they drain.
//
// Thread: control. Owner: App.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "base/task.hpp"
#include "call/action.hpp"
#include "call/kept.hpp"
#include "call/target.hpp"
#include "egress/http_client.hpp"
#include "media/engine.hpp"
#include "sip/endpoint.hpp"
#include "store/store.hpp"

namespace boni::speech { class Prompts; }
namespace boni::stream { class Streams; }

namespace boni::call {

class Call;

/// What a call, a target or an action may use. All outlive every call. Owner: App.
struct Services {
    asio::any_io_executor control;
    Clock& clock;
    store::Store& store;
    sip::Endpoint& sip;
    media::Engine& media;
    egress::HttpClient& http;
    egress::Policy const& policy;
    speech::Prompts& prompts;
    stream::Streams& streams;
    Secret master_key;                              ///< 32 bytes; opens the secrets of endpoints and tenants
    std::filesystem::path recordings{};             ///< the folder of their files
};

/// For `boni dev --json` and tests: every event and timeline row of every call as it happens.
struct Seen {
    TenantId tenant;
    CallId call;
    std::string what;                               ///< event type, or timeline event
    json::object detail;                            ///< of the timeline row
    std::string envelope;                           ///< of an event a customer gets: its body as stored and delivered; else empty
    Instant at{};
};

class Calls {
  public:
    explicit Calls(Services services);
    ~Calls();
    Calls(Calls const&) = delete;

    /// Takes INVITEs from the endpoint from now on; before endpoint.start().
    void listen();

    /// The call when it is live and of this tenant.
    std::shared_ptr<Call> find(TenantId const& tenant, CallId const& id) const;

    /// One Call Action by API or console: 400 and 422 of its check, 404 unknown, 409 call_not_active and the action's own. Commits
    /// action, event and the idempotency answer (202, the serialised CallActionResult) in one transaction, then starts it; errors
    /// are for the caller to store or abandon.
    Task<Result<model::Action>> perform(TenantId tenant, CallId id, std::string action, json::object request, std::string origin,
                                        std::optional<store::IdempotencyKey> key);

    std::size_t live() const;
    std::size_t live_of(TenantId const& tenant) const;

    /// What the operator has changed holds for live calls from now on: features, limits, the control secret. What runs goes on.
    void tenant_changed(model::Tenant const& tenant);

    /// Closes the breaker of a saved route's URL and forgets its health (control-webhook 5).
    void route_saved(model::Route const& route);

    /// New INVITEs are refused; calls go on until `limit`, then end with cause `draining`. Returns when none is left.
    Task<> drain(std::chrono::milliseconds limit);
    bool draining() const;

    void on_seen(std::function<void(Seen const&)> observer);
    /// Whose ladder this is (sip::Endpoint::on_ladder); empty for an INVITE that became no call. Answers once.
    CallId claim_session(sip::SessionId id);
    Services& services() { return services_; }

    // --- for calls and targets
    /// One attempt through a route's primary went so; `down`: its breaker is open. Keeps number.routeStatus truthful.
    enum class Health { succeeded, failed, down };
    void primary_attempt(model::Number const& number, Health health);
    void unwritten();                               ///< a call's first rows were refused: for a second new ones are, before they ring
    bool crowded() const;                           ///< so many calls come that the one that has just come is written with others
    static std::uint32_t retry_after();             ///< seconds, 2 to 10, so that refused callers do not return together
    std::function<void(Seen const&)> const& observer() const;   ///< empty when nobody watches
    Kept& kept();                                   ///< what targets remember across calls, e.g. breakers

  private:
    Services services_;
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace boni::call
