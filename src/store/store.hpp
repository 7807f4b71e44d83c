// Everything that survives the process, as use cases. One writer thread with group commit, one reader thread; callers await. What one key
// names is read on the control thread.
//
// Thread: every member is called on the control thread and resumes there. Owner: App. What a returned Task<Result<>> reported
// as done is on disk (SQLite WAL, synchronous=FULL). Errors: Errc::not_found, Errc::conflict with a token, Errc::unavailable when the
// database cannot be written. Each use case is told in the file of its noun: tenants.cpp, numbers.cpp, calls.cpp, ...
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "model/agent.hpp"
#include "model/audit.hpp"
#include "model/call.hpp"
#include "model/cdr.hpp"
#include "model/event.hpp"
#include "model/number.hpp"
#include "model/number_request.hpp"
#include "model/recording.hpp"
#include "model/route.hpp"
#include "model/team.hpp"
#include "model/tenant.hpp"
#include "model/trunk.hpp"
#include "model/usage.hpp"
#include "model/whatsapp.hpp"
#include "store/delivery_queue.hpp"

namespace boni::store {

struct StoreConfig {
    std::filesystem::path file;                         ///< SQLite database; created with its migrations
    std::chrono::milliseconds commit_window{0};         ///< how long the writer waits for company; 0: takes what is queued
};

/// Of the kinds there are: a tenant's control secret, an endpoint's, its previous one, a trunk's password.
struct SealedSecret {
    std::string sealed;                                 ///< as `seal` made it
    std::string context;                                ///< what it was sealed with: the tenant's or endpoint's id, the trunk's name
};

/// What an INVITE needs to know about the number it called, in one read.
struct Inbound {
    model::Tenant tenant;
    model::Number number;
    std::optional<model::Route> route;
};

struct KeyOwner {
    model::ApiKey key;
    model::Tenant tenant;                               ///< default constructed for operator keys
};

/// An answer to be replayed for the same Idempotency-Key (api-semantics 5).
struct StoredAnswer {
    int status = 0;
    std::string body;
};
struct IdempotencyKey {
    TenantId tenant;
    std::string key;
    std::string fingerprint;                            ///< SHA-256 hex of method, path and canonical body
    Instant used_at{};                 ///< it is kept for 24 h from then
};
struct FinishedRequest {
    IdempotencyKey key;
    StoredAnswer answer;
};

/// One transaction: all of it or nothing of it. Deliveries for the events are added by the store (events-and-webhooks 3).
struct Commit {
    std::optional<model::Call> call;                    ///< inserted or replaced
    std::vector<model::Event> events;
    EndpointId route_endpoint;                          ///< the route's events.webhookEndpointId; empty without
    std::optional<std::vector<std::string>> route_events;   ///< its subscribedEvents; none: all call.* types
    EndpointId also_endpoint;                           ///< told as well, subscribed or not, when it is the tenant's and enabled
    EndpointId only_endpoint;                           ///< set: deliveries go there alone, subscribed or not (`…/test`)
    CallId timeline_of;                                 ///< the call `rows` belong to
    std::vector<model::TimelineRow> rows;
    std::vector<model::Action> actions;                 ///< inserted or replaced
    std::optional<model::Recording> recording;          ///< inserted or replaced
    std::vector<model::Metered> metered;                ///< what `call` has used so far, priced and counted with it
    std::optional<FinishedRequest> finished;            ///< idempotency record that becomes an answer with this commit
    json::object leg;                                   ///< what is known of the caller's leg beside `call`; its record has the last one
    bool soon = false;                                  ///< nobody waits for it who would notice: shares another's transaction, or goes within 10 ms
};

/// The time a list is ordered by, and the id, of the last row of the page before; none: the first page.
using PageAfter = std::optional<std::pair<Instant, std::string>>;

/// A page of a list: newest first, ties by id.
struct CallFilter {
    TenantId tenant;
    std::optional<Instant> from;                        ///< startedAt >= from
    std::optional<Instant> until;                       ///< startedAt < until
    std::optional<model::CallStatus> status;
    std::optional<model::Direction> direction;
    std::optional<model::Channel> channel;
    std::optional<NumberId> number;                     ///< none: any
    PageAfter after;                                    ///< (startedAt, id)
    std::size_t limit = 20;
};
struct NumberFilter {
    TenantId tenant;                                    ///< empty: any
    std::optional<model::NumberType> type;
    PageAfter after;                                    ///< (createdAt, id)
    std::size_t limit = 20;
};
struct NumberRequestFilter {
    TenantId tenant;                                    ///< empty: any
    PageAfter after;                                    ///< (createdAt, id)
    std::size_t limit = 20;
};
/// Calls of a tenant that have ended, oldest first: those behind `after` that began before `until`.
struct CdrFilter {
    TenantId tenant;
    std::pair<Instant, std::string> after;              ///< (startedAt, id) of the last one seen; ("from", "") at first
    Instant until{};
    std::size_t limit = 200;
};
struct AuditFilter {
    TenantId tenant;                                    ///< empty: any, none included
    std::optional<Instant> from;                        ///< at >= from
    std::optional<Instant> until;                       ///< at < until
    PageAfter after;                                    ///< (at, id)
    std::size_t limit = 20;
};
struct DeliveryFilter {
    TenantId tenant;
    std::optional<model::DeliveryStatus> status;
    std::string event_type;                             ///< empty: any
    EndpointId endpoint;
    PageAfter after;                                    ///< (createdAt, id)
    std::size_t limit = 20;
};

/// What the operator's log says of a use case, committed with it; none: it is not an operator's.
using Audit = std::optional<model::AuditEntry>;

/// An operator's step with a number request.
struct NumberRequestMove {
    NumberRequestId id;
    model::NumberRequestStatus to = model::NumberRequestStatus::submitted;
    std::string note;                                   ///< empty: the last one stays
    std::optional<model::Number> number;                ///< to fulfil it with: a new one, or the row of one the tenant has already
    std::optional<model::Event> event;                  ///< what the customer is told of it
    Instant now{};
    Audit audit;
};

struct WhatsAppNumber {
    model::Number number;
    model::WhatsAppCalling calling;                     ///< `not_enabled` until it was asked for
};

/// What becomes of a WhatsApp number's calling, and what commits with it.
struct WhatsAppChange {
    WhatsAppNumber known;                               ///< `calling` is changed in place
    std::optional<model::Route> route{};                ///< the default one, for a number that has none
    std::optional<model::Event> event{};                ///< what the customer is told of it
    std::optional<FinishedRequest> finished{};
};

class RunningRequests;

class Store {
  public:
    /// Opens the file, migrates it, starts the threads. Errc::unavailable with the reason.
    static Result<std::unique_ptr<Store>> open(StoreConfig config, asio::any_io_executor control);
    ~Store();                                           ///< writes what is queued, then closes
    Store(Store const&) = delete;

    /// Called on the control thread after a commit that added or brought forward deliveries.
    void on_deliveries(std::function<void()> wake);
    /// Can it be written? For /readyz.
    Task<Result<>> check();

    // --- tenants.cpp
    Task<Result<>> create_tenant(model::Tenant tenant, Audit audit = {});   ///< conflict "duplicate_key"
    Task<Result<>> update_tenant(model::Tenant tenant, Audit audit = {});
    Task<Result<model::Tenant>> tenant(TenantId id);
    Task<Result<model::Tenant>> tenant_by_key(std::string key);     ///< its short human name
    Task<Result<std::vector<model::Tenant>>> tenants();
    Task<Result<std::vector<model::Tenant>>> tenant_page(PageAfter after, std::size_t limit);   ///< oldest first

    // --- keys.cpp
    Task<Result<>> create_key(model::ApiKey key, Audit audit = {});
    Task<Result<std::optional<KeyOwner>>> key_by_hash(std::string hash);
    Task<Result<std::vector<model::ApiKey>>> keys(TenantId tenant);
    Task<Result<>> revoke_key(KeyId id, Instant at, Audit audit = {});
    Task<Result<>> touch_key(KeyId id, Instant at);

    // --- numbers.cpp
    /// Conflict "duplicate_number". What the customer is told about it commits with it; so below.
    Task<Result<>> create_number(model::Number number, std::optional<model::Event> event = {}, Audit audit = {});
    Task<Result<>> update_number(model::Number number, std::optional<model::Event> event = {}, Audit audit = {});   ///< not its route_status
    Task<Result<model::Number>> number(TenantId tenant, NumberId id);
    Task<Result<std::vector<model::Number>>> numbers(TenantId tenant);   ///< oldest first; empty tenant: all
    Task<Result<std::vector<model::Number>>> number_page(NumberFilter filter);   ///< oldest first
    Task<Result<std::optional<Inbound>>> inbound(std::vector<std::string> candidates);   ///< the first candidate that is assigned
    Task<Result<std::optional<model::Route>>> route(TenantId tenant, NumberId number);
    using SavedRoute = std::function<std::optional<FinishedRequest>(model::Route const& saved)>;   ///< on the writer thread
    /// Inserts or replaces, and returns what is there now: a known route keeps its id, its creation and the operator's off-switch, an equal one its
    /// time as well. Sets the number's route_status to `configured`. Errc::invalid "unknown_reference": its endpoint or a team is gone.
    Task<Result<model::Route>> save_route(model::Route route, SavedRoute finished = {});
    Task<Result<>> set_route_health(NumberId number, model::RouteHealth health);   ///< and route.status with it
    Task<Result<>> switch_route(NumberId number, bool on, Audit audit);              ///< on: as healthy as it was

    // --- agents.cpp
    /// Conflict "duplicate_key"; Errc::forbidden "plan_limit_reached" at `agents_max`; Errc::invalid "unknown_reference": its fallback's team is gone.
    Task<Result<>> create_agent(model::VoiceAgent agent, std::size_t agents_max, std::optional<FinishedRequest> finished = {});
    Task<Result<model::VoiceAgent>> agent(TenantId tenant, AgentId id);
    Task<Result<std::vector<model::VoiceAgent>>> agents(TenantId tenant);   ///< oldest first

    // --- number_requests.cpp
    /// Errc::forbidden "plan_limit_reached" when the tenant has `numbers_max` numbers.
    Task<Result<>> create_number_request(model::NumberRequest request, std::size_t numbers_max, std::optional<FinishedRequest> finished = {});
    Task<Result<model::NumberRequest>> number_request(NumberRequestId id);   ///< of any tenant
    Task<Result<std::vector<model::NumberRequest>>> number_requests(NumberRequestFilter filter);   ///< oldest first
    /// Conflict "invalid_transition"; "duplicate_number" for a number of somebody else.
    Task<Result<model::NumberRequest>> move_number_request(NumberRequestMove move);

    // --- whatsapp.cpp
    Task<Result<WhatsAppNumber>> whatsapp_number(TenantId tenant, NumberId id);
    Task<Result<std::vector<WhatsAppNumber>>> whatsapp_numbers(TenantId tenant);   ///< oldest first
    Task<Result<std::vector<WhatsAppNumber>>> whatsapp_page(PageAfter after, std::size_t limit);   ///< of all tenants, oldest first
    /// `work` is told what is there in the transaction that writes what it makes of it, on the writer's thread; its refusal changes nothing.
    /// Conflict "permission_pending" for another Meta id while one of this number is being verified; Errc::invalid "unknown_reference": the endpoint
    /// of its default route is gone.
    Task<Result<WhatsAppChange>> change_whatsapp(TenantId tenant, NumberId id, std::function<Result<>(WhatsAppChange&)> work, Audit audit = {});

    // --- recordings.cpp
    Task<Result<model::Recording>> recording(TenantId tenant, RecordingId id);                  ///< one that can be read; so below
    Task<Result<std::vector<model::Recording>>> recordings(TenantId tenant, CallId call);       ///< oldest first
    Task<Result<std::vector<model::Recording>>> unfinished_recordings();                        ///< at start: what a dead process left behind
    Task<Result<>> save_transcript(model::Transcript transcript);
    /// Those `prune` marked whose files are still there, by id, behind `after`.
    Task<Result<std::vector<model::Recording>>> recordings_to_remove(RecordingId after, std::size_t most);
    Task<Result<>> recordings_removed(std::vector<RecordingId> ids);                            ///< their files are gone
    Task<Result<std::optional<model::Recording>>> oldest_recording(TenantId tenant);             ///< that can be read
    Task<Result<std::vector<model::Transcript>>> transcripts(TenantId tenant, CallId call);

    // --- usage.cpp
    /// The next version of its plan's card.
    Task<Result<model::PriceCard>> add_price_card(model::PriceCard card, Audit audit = {});
    Task<Result<std::vector<model::PriceCard>>> price_cards();                                  ///< by plan and version
    /// Sums of what began in [from, until), in the order of the table.
    Task<Result<std::vector<model::UsageTotal>>> usage(TenantId tenant, Instant from, Instant until);
    /// One number_day for every number assigned at the start of that day in India, and recording_storage of what was kept then; again for
    /// the same day, in whatever process: nothing.
    Task<Result<>> meter_day(Instant day_start);
    /// usage.updated of every tenant with counters that changed since the last time. Those events.
    Task<Result<std::vector<model::Event>>> tell_usage(Instant now);

    // --- sealed.cpp
    Task<Result<std::vector<SealedSecret>>> some_sealed();              ///< one of each kind that there is

    // --- trunks.cpp
    Task<Result<>> save_trunk(model::Trunk trunk, Audit audit = {});   ///< by name: inserted or replaced
    Task<Result<std::vector<model::Trunk>>> trunks();
    Task<Result<>> remove_trunk(std::string name, Audit audit = {});   ///< conflict "trunk_in_use": a number is tied to it

    // --- teams.cpp
    /// Conflict "duplicate_key" at `name`; "limit_exceeded" when the tenant has `teams_max`.
    Task<Result<>> create_team(model::Team team, std::size_t teams_max, Audit audit = {});
    Task<Result<>> update_team(model::Team team, Audit audit = {});             ///< conflict "duplicate_key"
    Task<Result<>> delete_team(TenantId tenant, TeamId id, Audit audit = {});   ///< conflict "team_in_use": a route or an agent names it
    Task<Result<model::Team>> team(TenantId tenant, TeamId id);
    Task<Result<std::vector<model::Team>>> teams(TenantId tenant);              ///< oldest first

    // --- cdr.cpp
    Task<Result<std::vector<model::Cdr>>> cdr(CdrFilter filter);

    // --- chain.cpp
    Task<Result<std::vector<model::CdrLeg>>> cdr_legs(std::int64_t after, std::size_t most);   ///< in the order of the chain
    Task<Result<model::CdrHead>> cdr_head();

    // --- audit.cpp
    /// A row of its own, for an operation whose effect is not a use case with one.
    Task<Result<>> add_audit(model::AuditEntry entry);
    Task<Result<std::vector<model::AuditEntry>>> audit(AuditFilter filter);   ///< newest first

    // --- calls.cpp
    Task<Result<>> commit(Commit commit);
    /// The same without waiting, for rows nobody was promised; in order with everything else. A failure is logged.
    void write(Commit commit);
    Task<Result<model::Call>> call(TenantId tenant, CallId id);
    Task<Result<std::vector<model::Call>>> calls(CallFilter filter);
    Task<Result<>> save_ladder(CallId id, std::string json);        ///< SIP messages of a call, redacted, one JSON array
    Task<Result<std::string>> ladder(CallId id);

    // --- timeline.cpp
    Task<Result<std::vector<model::TimelineRow>>> timeline(CallId id);   ///< oldest first

    // --- lost_calls.cpp
    /// At start: every call that is not terminal becomes `failed` (node_lost), its streams and actions before it. The events that say so.
    Task<Result<std::vector<model::Event>>> close_lost_calls(Instant now);

    // --- endpoints.cpp
    struct Upserted { model::WebhookEndpoint endpoint; bool created = false; };
    using Finished = std::function<std::optional<FinishedRequest>(model::WebhookEndpoint const& saved)>;   ///< on the writer thread
    /// By (tenant, url): a known one keeps id and secret. Errc::forbidden "plan_limit_reached" over `endpoints_max`.
    Task<Result<Upserted>> upsert_endpoint(model::WebhookEndpoint endpoint, std::size_t endpoints_max, Finished finished = {});
    Task<Result<model::WebhookEndpoint>> endpoint(TenantId tenant, EndpointId id);
    Task<Result<std::vector<model::WebhookEndpoint>>> endpoints(TenantId tenant);
    /// `work` is told what is there in the transaction that writes what it makes of it, on the writer's thread; its refusal changes nothing.
    Task<Result<model::WebhookEndpoint>> change_endpoint(TenantId tenant, EndpointId id, std::function<Result<>(model::WebhookEndpoint&)> work,
                                                         Audit audit = {});
    Task<Result<>> delete_endpoint(TenantId tenant, EndpointId id, Instant now, Audit audit = {});

    // --- leases.cpp
    /// Endpoints with a pending delivery whose time has come, whoever may send now.
    Task<Result<std::vector<DueEndpoint>>> due_endpoints(Instant now);
    /// Leases what the grants allow, in order of due time per endpoint; first attempts of one (endpoint, call) one at a time in
    /// sequence order, replays in any.
    Task<Result<std::vector<DueDelivery>>> lease_due(Instant now, Instant lease_until, std::vector<Grant> grants);
    /// Writes attempts and what they mean for their deliveries and their endpoints, all of it or nothing; a result that was written before
    /// changes nothing. The health of every endpoint among them.
    Task<Result<std::vector<EndpointHealth>>> finish_attempts(std::vector<AttemptResult> results, SwitchOff off = {});
    Task<Result<QueueFigures>> queue_figures();
    /// Breaker: what is due at `now` waits until then; no attempt is spent. At most 1000 rows of each, the rest with the next
    /// call.
    Task<Result<>> defer(std::vector<Deferral> deferrals, Instant now);
    /// Pending deliveries that are due later than `latest`, by their step of the schedule, are due then: the clock by which they were to
    /// wait was set back. At most 1000 rows of each step; whether there may be more.
    Task<Result<bool>> bring_forward(std::vector<Instant> latest);
    /// Leases that ended before `now` are free again, with their attempt unspent. How many.
    Task<Result<std::size_t>> release_expired(Instant now);

    // --- deliveries.cpp
    Task<Result<model::Delivery>> delivery(TenantId tenant, DeliveryId id);
    Task<Result<std::vector<model::Delivery>>> deliveries(DeliveryFilter filter);
    /// events-and-webhooks 6, Replay: conflict "delivery_in_progress", "endpoint_disabled", "payload_expired".
    Task<Result<>> replay(TenantId tenant, DeliveryId id, Instant now, std::optional<FinishedRequest> finished = {});

    // --- idempotency.cpp
    /// nullopt: the key is ours now and `running`. Conflict "idempotency_key_reused" or "idempotency_in_progress";
    /// Errc::limit beyond `keys_max` of a tenant (api-semantics 5). Keys older than 24 h do not count.
    Task<Result<std::optional<StoredAnswer>>> begin_request(IdempotencyKey key, Instant now, std::int64_t keys_max = 100'000);
    /// After that limit: when the oldest key goes, or in a second, when those that run may have.
    std::chrono::seconds room_for_key_in(TenantId const& tenant, Instant now) const;
    Task<Result<>> finish_request(FinishedRequest request);
    void release_request(IdempotencyKey const& key);                ///< was stored with its effect
    void abandon_request(IdempotencyKey const& key);                ///< has an answer that is not stored: the key is as if never used

    // --- retention.cpp
    /// How late it is for `prune`: what the clock says, unless it says that more time has passed than a platform that ran for `ran` since
    /// it was asked last can explain. Then it follows the clock a day for each hour that runs: what a clock that leapt years would remove
    /// at once goes a little at a time, while somebody can still put it right, and a platform that was off for months has it done in days.
    Task<Result<Instant>> retention_time(Instant now, Steady::duration ran);
    /// Removes what is past its time: idempotency keys 24 h, attempts and bodies 30 days, the operator's log 2 years,
    /// ladders 30 days, timelines, transcripts and recordings by tenant limit; a call that ended goes with all that is its own when
    /// its record has been kept long enough. A recording is marked; its file is for whoever asks `recordings_to_remove`.
    Task<Result<>> prune(Instant now, std::chrono::days cdr_kept = std::chrono::days{730});

  private:
    class Database;
    explicit Store(std::unique_ptr<Database> database);
    Task<Result<>> room_for_key(TenantId tenant, Instant now, std::int64_t keys_max);
    std::unique_ptr<Database> database_;
    std::unique_ptr<RunningRequests> running_;
    struct Walked { Instant timelines{}, ladders{}; };
    std::map<TenantId, Walked> walked_;                             // by `prune`: no call that began until then has such rows any more
};

}  // namespace boni::store
