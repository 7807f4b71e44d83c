#include "webhook/delivery.hpp"

#include <set>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "base/bell.hpp"
#include "base/log.hpp"
#include "egress/host.hpp"
#include "webhook/attempt.hpp"
#include "webhook/dispatch.hpp"
#include "webhook/failing.hpp"
#include "webhook/figures.hpp"
#include "webhook/schedule.hpp"

namespace boni::webhook {

namespace {

constexpr auto poll_every = 1s;                      // for retries that become due; commits wake by signal
constexpr auto sweep_every = 30s;
constexpr auto figures_every = 10s;
constexpr auto lease_for = 30s;                      // longer than an attempt may take
constexpr std::size_t results_at_once = 256;         // of one transaction
constexpr auto write_again_after = 1s;               // when the database cannot be written
constexpr auto cancelled_within = 1s;                // an aborted attempt needs no longer to end
constexpr auto set_back_min = 1s;                    // of the clock; who adjusts it slowly does so by less between two looks
constexpr int warn_after = 4;                        // failures of one delivery in a row

}  // namespace

/// Shared by the loops and the attempts in flight: one that is cancelled ends after its owner.
struct Deliveries::Inner : std::enable_shared_from_this<Inner> {
    Inner(asio::any_io_executor control_, Clock& clock_, store::Store& store_, egress::HttpClient& http_, Secret key)
        : control{control_}, clock{clock_}, store{store_}, http{http_}, master_key{std::move(key)}, woken{control_}, changed{control_} {}

    Task<> run(std::shared_ptr<Inner> self);
    Task<bool> round();
    void send(store::DueDelivery due);
    Task<> one(std::shared_ptr<Inner> self, store::DueDelivery due);
    Task<> write_results(std::shared_ptr<Inner> self);
    store::SwitchOff off_for_good(std::size_t count) const;
    void after_writing(std::vector<Attempted> const& batch, std::vector<store::EndpointHealth> const& health) const;
    Task<> look_after();
    Task<bool> keep_to_schedule(Instant now);
    Task<> stop(std::chrono::milliseconds limit);
    Task<> until(bool (Inner::*holds)() const, Steady deadline);
    bool flushed() const { return nothing_due || !running; }

    void wake() {
        looked = nothing_due = false;
        woken.ring();
    }
    bool settled() const { return dispatch.in_flight() == 0 && results.empty() && !writing; }
    bool idle() const { return settled() && !running; }

    asio::any_io_executor control;
    Clock& clock;
    store::Store& store;
    egress::HttpClient& http;
    Secret master_key;
    std::function<void(store::AttemptResult const&)> observer = [](store::AttemptResult const&) {};

    Dispatch dispatch;
    std::map<DeliveryId, std::unique_ptr<asio::cancellation_signal>> cancels;   // of the attempts in flight
    std::vector<Attempted> results;                  // finished, not yet written; bounded by what may be in flight
    bool writing = false;                            // write_results runs
    bool unwritten = false;                          // the database did not take them: their deliveries were sent, however late their leases are
    bool running = false;                            // the loop, which uses the store
    bool stopping = false;
    bool nothing_due = false;                        // all that could be sent was, and is written
    bool looked = false;                             // nothing has come since the last look at the queue
    Bell woken;                                      // rings: look at the queue
    Bell changed;                                    // rings when something ended; for `stop`
    Steady sweep_at{};
    Steady figures_at{};
    std::chrono::nanoseconds wall_ahead = std::chrono::nanoseconds::max();   // of the steady clock, when last looked at
};

Deliveries::Deliveries(asio::any_io_executor control, Clock& clock, store::Store& store, egress::HttpClient& http, Secret master_key)
    : inner_{std::make_shared<Inner>(std::move(control), clock, store, http, std::move(master_key))} {
    store.on_deliveries([weak = std::weak_ptr{inner_}] {
        if (auto const inner = weak.lock()) inner->wake();
    });
}

Deliveries::~Deliveries() {
    inner_->store.on_deliveries({});
    inner_->stopping = true;
    inner_->wake();
}

Task<> Deliveries::run() { return inner_->run(inner_); }
Task<> Deliveries::stop(std::chrono::milliseconds limit) { return inner_->stop(limit); }
void Deliveries::wake() { inner_->wake(); }
void Deliveries::on_attempt(std::function<void(store::AttemptResult const&)> observer) { inner_->observer = std::move(observer); }

/// Round after round while there is something to lease; then waits for a signal or the poll.
Task<> Deliveries::Inner::run(std::shared_ptr<Inner>) {
    struct Running {
        Inner& inner;
        explicit Running(Inner& of) : inner{of} { inner.running = true; }
        ~Running() {
            inner.running = false;
            inner.changed.ring();
        }
    } const mark{*this};
    // Whatever is leased was leased by a process that is gone: this is the only one on the file.
    if (auto const freed = co_await store.release_expired(Instant::max()); freed && *freed > 0)
        log_info("webhook", "deliveries cut off by the last stop are sent again", {{"count", std::to_string(*freed)}});
    while (!stopping) {
        looked = true;
        auto const more = co_await round();
        co_await look_after();
        if (more || !looked || stopping) continue;
        nothing_due = settled();
        changed.ring();
        co_await woken.rung_within(poll_every);
    }
}

/// true: something was leased, so there may be more.
Task<bool> Deliveries::Inner::round() {
    auto const now = clock.now();
    auto const due = co_await store.due_endpoints(now);
    if (!due || due->empty()) co_return false;
    auto plan = dispatch.plan(*due, now, clock.steady());
    if (!plan.deferrals.empty()) (void)co_await store.defer(std::move(plan.deferrals), now);   // else again with the next round
    if (plan.grants.empty() || stopping) co_return false;
    auto leased = co_await store.lease_due(now, now + lease_for, std::move(plan.grants));
    if (!leased) {
        log_warning("webhook", "deliveries could not be leased: " + leased.error().what);
        co_return false;
    }
    if (stopping) co_return false;                       // freed by the next start
    for (auto& delivery : *leased) send(std::move(delivery));
    co_return !leased->empty();
}

/// Starts one attempt beside the loop.
void Deliveries::Inner::send(store::DueDelivery due) {
    if (!dispatch.start(due, clock.steady())) return;
    auto const id = due.delivery.id;
    auto& cancel = cancels[id] = std::make_unique<asio::cancellation_signal>();
    auto const ended = [self = shared_from_this(), id](std::exception_ptr escaped) {
        self->cancels.erase(id);
        if (escaped) self->dispatch.abandon(id);         // cancelled: its lease stays and the next start sends it again
        self->changed.ring();
        self->wake();
    };
    asio::co_spawn(control, one(shared_from_this(), std::move(due)), asio::bind_cancellation_slot(cancel->slot(), ended));
}

Task<> Deliveries::Inner::one(std::shared_ptr<Inner>, store::DueDelivery due) {
    auto attempted = co_await attempt(http, clock, master_key, due);
    auto const& result = attempted.result;
    auto const endpoint = due.endpoint.id;
    if (dispatch.finish(due.delivery.id, attempted.succeeded, result.took, clock.steady())) {
        auto const* const what = dispatch.broken(endpoint) ? "an endpoint fails: probed only" : "an endpoint works again";
        log_info("webhook", what, {{"endpoint_id", endpoint.str()}});
    }
    if (!attempted.succeeded && due.delivery.schedule_step + 1 == warn_after)
        log_warning("webhook", "a delivery failed four times",
                    {{"endpoint_id", endpoint.str()}, {"host", egress::host_of(due.endpoint.url)}, {"error", result.error}});
    if (attempted.succeeded) figures::delivered_after(result.started_at + result.took - due.delivery.created_at);
    figures::attempt(result.outcome);
    results.push_back(std::move(attempted));
    if (!std::exchange(writing, true)) spawn(control, "webhook", write_results(shared_from_this()));
}

/// Whatever finished while the last batch was written goes with the next one. Nothing is dropped: an unwritten result would be a
/// second delivery.
Task<> Deliveries::Inner::write_results(std::shared_ptr<Inner>) {
    while (!results.empty()) {
        auto const count = std::min(results.size(), results_at_once);
        std::vector<store::AttemptResult> rows;
        for (std::size_t i = 0; i < count; ++i) rows.push_back(results[i].result);
        auto const health = co_await store.finish_attempts(std::move(rows), off_for_good(count));
        if (!health) {
            unwritten = true;
            log_warning("webhook", "attempts could not be written: " + health.error().what);
            co_await wait_for(write_again_after);
            if (stopping && cancels.empty()) break;
            continue;
        }
        auto const end = results.begin() + std::ptrdiff_t(count);
        std::vector<Attempted> batch{std::make_move_iterator(results.begin()), std::make_move_iterator(end)};
        results.erase(results.begin(), end);
        if (results.empty()) unwritten = false;
        after_writing(batch, *health);
        wake();                                          // the next event of these calls may go
    }
    writing = false;
    changed.ring();
}

/// Who is gone after the first `count` results, or failing for good.
store::SwitchOff Deliveries::Inner::off_for_good(std::size_t count) const {
    std::set<EndpointId> gone;
    for (std::size_t i = 0; i < count; ++i)
        if (results[i].gone) gone.insert(results[i].endpoint);
    auto const now = clock.now();
    return {now, [gone = std::move(gone), now](store::EndpointHealth const& health) -> std::string {
                if (gone.contains(health.endpoint)) return "gone";
                return failing_for_good(health, now) ? "failing" : "";
            }};
}

/// Tells who watches.
void Deliveries::Inner::after_writing(std::vector<Attempted> const& batch, std::vector<store::EndpointHealth> const& health) const {
    for (auto const& row : health)
        if (!row.switched_off.empty())
            log_warning("webhook", "an endpoint is switched off", {{"endpoint_id", row.endpoint.str()}, {"reason", row.switched_off}});
    for (auto const& attempted : batch) observer(attempted.result);
}

/// What comes round by time: a clock that was set back, also before the start, expired leases and the gauges.
Task<> Deliveries::Inner::look_after() {
    auto const now = clock.now();
    auto const steady = clock.steady();
    std::chrono::nanoseconds const ahead = now.time_since_epoch() - steady.time_since_epoch();
    if (ahead > wall_ahead - set_back_min || co_await keep_to_schedule(now)) wall_ahead = ahead;
    if (steady >= sweep_at && !unwritten) {
        sweep_at = steady + sweep_every;
        (void)co_await store.release_expired(now);       // an error comes back with the next sweep
    }
    if (steady < figures_at) co_return;
    figures_at = steady + figures_every;
    auto const queue = co_await store.queue_figures();
    if (queue) figures::queue(queue->pending, queue->oldest_due ? std::max(now - *queue->oldest_due, std::chrono::microseconds{0}) : 0us);
}

/// Nothing waits longer than the schedule ever has it wait. false: an error, which comes back with the next look.
Task<bool> Deliveries::Inner::keep_to_schedule(Instant now) {
    std::vector<Instant> latest;
    for (int failed = 0; failed < attempts_max; ++failed) latest.push_back(now + longest_wait(failed));
    for (;;) {
        auto const more = co_await store.bring_forward(latest);
        if (!more || !*more) co_return more.has_value();
    }
}

/// What is due goes out first, one event of a call after the other; what failed or waits behind a breaker is for the next process.
Task<> Deliveries::Inner::stop(std::chrono::milliseconds limit) {
    auto const deadline = std::chrono::steady_clock::now() + limit;
    wake();
    co_await until(&Inner::flushed, deadline);
    stopping = true;
    wake();
    co_await until(&Inner::idle, deadline);
    for (auto const& [id, cancel] : cancels) cancel->emit(asio::cancellation_type::terminal);
    co_await until(&Inner::idle, std::chrono::steady_clock::now() + cancelled_within);
}

Task<> Deliveries::Inner::until(bool (Inner::*holds)() const, Steady deadline) {
    while (!(this->*holds)() && std::chrono::steady_clock::now() < deadline) co_await changed.rung_by(deadline);
}

}  // namespace boni::webhook
