#include "call/calls.hpp"

#include "base/bell.hpp"
#include "base/crypto.hpp"
#include "base/log.hpp"
#include "call/admission.hpp"
#include "call/call.hpp"
#include "call/crowd.hpp"
#include "call/figures.hpp"

namespace boni::call {
namespace {

constexpr auto lookup_limit = 2s;            // a database that takes longer for one read is not well; the carrier tries elsewhere
constexpr auto unwritten_pause = 1s;
constexpr auto ending_limit = 5s;            // after the drain limit: terminal events are written, SIP says goodbye
constexpr int failures_until_failing = 5;    // control-webhook 5

struct RouteFigure {
    int failures = 0;                        ///< in a row, through the primary
    model::RouteHealth known = model::RouteHealth::configured;
};

/// A trunk marked `test` serves test tenants only, and they are reachable over nothing else; a number may be tied to its trunk.
bool reachable(sip::Incoming const& incoming, store::Inbound const& inbound) {
    if (incoming.test_trunk != inbound.tenant.test) return false;
    return inbound.number.trunk.empty() || inbound.number.trunk == incoming.trunk;
}

}  // namespace

struct Calls::Inner {
    explicit Inner(Calls& calls) : calls{calls}, changed{calls.services_.control} {}

    Task<> accept(sip::Incoming incoming);
    Task<> host(std::shared_ptr<Call> call, std::optional<Ending> refused);
    void refuse(sip::SessionId id, int status, sip::Cause cause, std::optional<std::uint32_t> after = {}) {
        calls.services_.sip.reject(id, status, cause, after);
    }
    Task<> write_health(NumberId number, model::RouteHealth health);

    Calls& calls;
    Bell changed;                                                 ///< rings when a call is gone
    std::unordered_map<std::string, std::shared_ptr<Call>> live;  ///< let in and not gone, by id
    std::unordered_map<TenantId, std::size_t> live_of;
    std::size_t hosted = 0;                                       ///< live ones and those a limit refused, until all of them is written
    std::unordered_map<sip::SessionId, CallId> sessions;          ///< until their ladder is claimed, once each
    Admission admission;
    Crowd crowd;
    std::unordered_map<NumberId, RouteFigure> routes;
    Kept kept;
    std::function<void(Seen const&)> observer;
    bool draining = false;
    Steady unwritten_until{};                                     ///< the database has just refused a call
};

Calls::Calls(Services services) : services_{std::move(services)}, inner_{std::make_unique<Inner>(*this)} {
    figures::active(model::Direction::inbound, model::Channel::pstn);   // a scrape before the first call finds zero, not nothing
}
Calls::~Calls() = default;

void Calls::listen() {
    services_.sip.on_incoming([this](sip::Incoming incoming) { spawn(services_.control, "call", inner_->accept(std::move(incoming))); });
}

/// From the INVITE to a call that runs. 404, overload and drain create no call; a tenant's limits do (api-semantics 10).
Task<> Calls::Inner::accept(sip::Incoming incoming) {
    auto& services = calls.services_;
    if (draining) co_return refuse(incoming.id, 503, sip::Cause::draining, retry_after());
    if (services.media.overloaded()) co_return refuse(incoming.id, 503, sip::Cause::overload, retry_after());
    if (services.clock.steady() < unwritten_until) co_return refuse(incoming.id, 503, sip::Cause::congestion, retry_after());
    auto const found = co_await within(lookup_limit, services.store.inbound(incoming.did_candidates));
    if (!found) {
        log_error("call", "the number could not be looked up: " + found.error().what, {{"sip_call_id", incoming.call_id}});
        co_return refuse(incoming.id, 503, sip::Cause::congestion, retry_after());
    }
    if (!*found || !reachable(incoming, **found)) {
        log_info("call", "no such number", {{"to", masked(incoming.called.value)}, {"trunk", incoming.trunk}});
        co_return refuse(incoming.id, 404, sip::Cause::unallocated);
    }
    crowd.arrived(services.clock.steady());
    auto refused = admission.refusal(**found, calls.live_of((*found)->tenant.id), services.clock.steady());
    auto const session = incoming.id;
    auto call = std::make_shared<Call>(calls, std::move(incoming), **found);
    sessions[session] = call->row().id;
    co_await host(std::move(call), std::move(refused));
}

Task<> Calls::Inner::host(std::shared_ptr<Call> call, std::optional<Ending> refused) {
    auto const id = call->row().id.str();
    auto const tenant = call->row().tenant;
    auto const counted = !refused;
    ++hosted;
    if (counted) {
        live[id] = call;
        ++live_of[tenant];
    }
    auto broken = false;
    try {
        co_await call->run(std::move(refused));
    } catch (std::exception const& error) {
        log_error("call", error.what(), {{"call_id", id}});
        call->end(ending::internal(error.what()));
        broken = true;
    }
    if (broken) (void)co_await call->leg().close_media();   // a recording waits for it
    if (counted) {
        live.erase(id);
        if (--live_of[tenant] == 0) live_of.erase(tenant);
        changed.ring();
    }
    co_await call->settled();
    --hosted;
    changed.ring();
}

std::shared_ptr<Call> Calls::find(TenantId const& tenant, CallId const& id) const {
    auto const found = inner_->live.find(id.str());
    return found != inner_->live.end() && found->second->row().tenant == tenant ? found->second : nullptr;
}

Task<Result<model::Action>> Calls::perform(TenantId tenant, CallId id, std::string action, json::object request, std::string origin,
                                           std::optional<store::IdempotencyKey> key) {
    auto const* const kind = find_action(action);
    if (!kind) co_return fail(Errc::not_found, "no such action: " + action, {}, "not_found");
    auto const call = find(tenant, id);
    if (!call) {
        CO_TRY(auto owner, co_await services_.store.tenant(tenant));
        auto const checked = kind->check(request, {owner, services_.policy});
        if (!checked && checked.error().code == Errc::malformed) co_return std::unexpected(checked.error());
        CO_TRY(auto known, co_await services_.store.call(tenant, id));
        if (!checked) co_return std::unexpected(checked.error());
        co_return fail(Errc::conflict, "the call " + known.id.str() + " is over", {}, "call_not_active");
    }
    CO_CHECK_OK(kind->check(request, call->check_context()));
    CO_TRY(auto started, co_await call->accept(*kind, std::move(request), std::move(origin), Answering::early, std::move(key)));
    auto accepted = started.action;
    call->carry_out_beside(std::move(started));
    co_return accepted;
}

std::size_t Calls::live() const { return inner_->live.size(); }
bool Calls::draining() const { return inner_->draining; }
bool Calls::crowded() const { return inner_->crowd.crowded(); }

std::size_t Calls::live_of(TenantId const& tenant) const {
    auto const found = inner_->live_of.find(tenant);
    return found == inner_->live_of.end() ? 0 : found->second;
}

void Calls::tenant_changed(model::Tenant const& tenant) {
    for (auto const& [id, call] : inner_->live)
        if (call->row().tenant == tenant.id) call->tenant_changed(tenant);
}

void Calls::unwritten() { inner_->unwritten_until = services_.clock.steady() + unwritten_pause; }
std::uint32_t Calls::retry_after() { return 2 + random_below(9); }

void Calls::on_seen(std::function<void(Seen const&)> observer) { inner_->observer = std::move(observer); }

CallId Calls::claim_session(sip::SessionId id) {
    auto const found = inner_->sessions.extract(id);
    return found.empty() ? CallId{} : found.mapped();
}

std::function<void(Seen const&)> const& Calls::observer() const { return inner_->observer; }

Kept& Calls::kept() { return inner_->kept; }

// --- route health -----------------------------------------------------------------------------------------------------------

void Calls::primary_attempt(model::Number const& number, Health health) {
    auto& route = inner_->routes.try_emplace(number.id, RouteFigure{0, number.route_status}).first->second;
    route.failures = health == Health::succeeded ? 0 : route.failures + 1;
    auto const want = health == Health::succeeded                                             ? model::RouteHealth::healthy
                      : health == Health::down || route.failures >= failures_until_failing    ? model::RouteHealth::failing
                                                                                              : route.known;
    if (std::exchange(route.known, want) != want) spawn(services_.control, "route health", inner_->write_health(number.id, want));
}

Task<> Calls::Inner::write_health(NumberId number, model::RouteHealth health) {
    auto const written = co_await calls.services_.store.set_route_health(number, health);
    if (!written) log_error("call", "route health could not be written: " + written.error().what, {{"number_id", number.str()}});
}

void Calls::route_saved(model::Route const& route) {
    inner_->routes[route.number] = {};   // the store has set it to `configured` with the save
    for (std::size_t index = 0; auto const* const target = route.at(index); ++index)
        if (auto const* const known = find_target(target->type); known && known->saved) known->saved(*this, route.tenant, *target);
}

// --- the end of the process -------------------------------------------------------------------------------------------------

Task<> Calls::drain(std::chrono::milliseconds limit) {
    inner_->draining = true;
    services_.sip.drain();
    auto until = std::chrono::steady_clock::now() + limit;
    for (auto const told : {false, true}) {
        if (told) {
            auto const rest = inner_->live;   // a copy: ending a call removes it
            for (auto const& [id, call] : rest) call->end(ending::draining(call->answered()));
            until = std::chrono::steady_clock::now() + ending_limit;
        }
        while (inner_->hosted > 0 && std::chrono::steady_clock::now() < until) co_await inner_->changed.rung_by(until);
    }
}

}  // namespace boni::call
