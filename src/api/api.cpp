// The life of a request, in the order of api-semantics 1: path, key, limits, form, repetition, then its resource.
#include "api/api.hpp"

#include <limits>

#include <boost/asio/post.hpp>

#include "api/auth.hpp"
#include "api/idempotency.hpp"
#include "api/durations.hpp"
#include "api/limits.hpp"
#include "api/recording_file.hpp"
#include "api/resource.hpp"
#include "call/calls.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"

namespace boni::api {
namespace {

constexpr std::int64_t keys_max = 100'000;   // Idempotency-Keys of a tenant within 24 h
constexpr std::size_t recordings_read_max = 256;   // files open at once, 16 MiB of pieces
constexpr auto queue_delay_max = 100ms;       // a control thread this far behind has calls to care for first
constexpr auto queue_delay_fresh = 5ms;       // a measurement is good for so long: it costs a turn of the loop

bool writes(std::string_view method) { return method == "POST" || method == "PUT"; }

http::Response problem_of(Error const& error, http::Request const& request) {
    auto response = http::problem(error, request);
    if (response.status == 401) response.headers.set("WWW-Authenticate", "ApiKey");
    if (error.token == "idempotency_in_progress") response.headers.set("Retry-After", "1");
    return response;
}

/// With what became known of when to ask again.
http::Response problem_of(Error const& error, Asked const& asked) {
    auto response = problem_of(error, asked.request);
    if (response.headers.has("Retry-After")) response.headers.set("Retry-After", std::to_string(asked.retry_after.count()));
    return response;
}

}  // namespace

struct Api::Inner {
    Inner(ApiConfig config, Services services);

    Task<http::Response> answer(http::Request& request, Operation const*& operation);
    Task<http::Response> answer_known(http::Request& request, Operation const& operation, Owner owner);
    Task<http::Response> answer_once(Asked& asked);
    bool turned_away(Asked const& asked) const;
    bool measured() const { return !config.rate_limits || services.clock.steady() < measure_at; }
    Task<> measure();
    bool busy() const { return config.rate_limits && (in_flight > config.in_flight_max || delay > queue_delay_max); }

    ApiConfig config;
    Services services;
    Buckets buckets;
    Keys keys{services.clock, services.store, config.rate_limits};
    http::Router<Operation const*> router;
    Durations durations;
    RecordingFiles recordings{config.recordings, services, recordings_read_max};
    std::size_t in_flight = 0;
    std::chrono::nanoseconds delay{};            // of the control thread's queue when it was last measured
    Steady measure_at{};
    bool draining = false;
};

Api::Api(ApiConfig config, Services services) : inner_{std::make_unique<Inner>(std::move(config), std::move(services))} {}
Api::~Api() = default;
void Api::forget_key(std::string_view hash) { inner_->keys.forget(hash); }
Task<http::Response> Api::recording(http::Request& request) { return inner_->recordings.answer(request); }
void Api::draining(bool on) { inner_->draining = on; }

Task<Result<TenantId>> Api::tenant_of(http::Request const& request) {
    CO_TRY(auto const owner, co_await inner_->keys.authenticate(request));
    co_return owner->tenant.id;
}

Task<http::Response> Api::handle(http::Request& request) {
    // A customer that hangs up does not undo half of an effect: what began is finished.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto const started = inner_->services.clock.steady();
    Operation const* operation = nullptr;
    http::Response response;
    ++inner_->in_flight;
    try {
        response = co_await inner_->answer(request, operation);
    } catch (std::exception const& error) {
        response = problem_of({Errc::internal, error.what()}, request);
    }
    --inner_->in_flight;
    inner_->durations.add(operation, response.status, inner_->services.clock.steady() - started);
    response.headers.set("X-Request-Id", request.id);
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

Api::Inner::Inner(ApiConfig config_in, Services services_in) : config{std::move(config_in)}, services{std::move(services_in)} {
    for (auto const* const resource : all_resources())
        for (auto const& operation : resource->operations)
            if (operation.action.empty() || call::find_action(operation.action))
                router.add(operation.method, "/v1" + std::string{operation.path}, &operation);
}

/// Steps 2 and 3; an answer to a valid key tells its limits, whatever else it says.
Task<http::Response> Api::Inner::answer(http::Request& request, Operation const*& operation_out) {
    auto const found = router.find(request);
    if (!found) co_return http::not_routed(found.error(), request);
    operation_out = **found;
    auto owner = co_await keys.authenticate(request);
    if (!owner) co_return problem_of(owner.error(), request);
    auto const& operation = *operation_out;
    Figures figures;
    auto const now = services.clock.steady();
    auto const permitted = allowed(**owner, operation.method, operation.scope);
    auto limited = take(buckets, **owner, config.rate_limits, now, figures);
    // Who may not do it takes nothing from those who may.
    if (permitted && limited) limited = take_own(buckets, (*owner)->tenant, request, operation, config.rate_limits, now, figures);
    if (permitted && limited && !measured()) co_await measure();
    http::Response response;
    if (!permitted) response = problem_of(permitted.error(), request);
    else if (!limited) response = problem_of(limited.error(), request);
    else if (busy()) response = problem_of({Errc::limit, "the platform is busy: try again", {}, "overloaded"}, request);
    else response = co_await answer_known(request, operation, *std::move(owner));
    if (permitted && !limited) response.headers.set("Retry-After", std::to_string(figures.retry_after.count()));
    tell(figures, response);
    co_return response;
}

/// Step 5: the form of parameters and body.
Task<http::Response> Api::Inner::answer_known(http::Request& request, Operation const& operation, Owner owner) {
    Asked asked{.services = services, .config = config, .buckets = buckets, .request = request, .operation = operation,
                .owner = owner, .tenant = owner->tenant, .now = services.clock.now()};
    if (turned_away(asked)) co_return problem_of({Errc::unavailable, "this server is being stopped", {}, "unavailable"}, request);
    if (writes(operation.method)) {
        auto body = request.json();
        if (!body) co_return problem_of(body.error(), request);
        asked.body = *std::move(body);
    }
    if (auto const checked = operation.check ? operation.check(asked) : Result<>{}; !checked) co_return problem_of(checked.error(), request);
    co_return co_await answer_once(asked);
}

/// Steps 6 to 10: a repetition gets what is stored; what is new runs and is stored.
Task<http::Response> Api::Inner::answer_once(Asked& asked) {
    if (writes(asked.operation.method)) {
        auto key = key_of(asked);
        if (!key) co_return problem_of(key.error(), asked.request);
        if (*key) {
            auto const most = config.rate_limits ? keys_max : std::numeric_limits<std::int64_t>::max();
            auto const stored = co_await services.store.begin_request(**key, asked.now, most);
            if (!stored && stored.error().code == Errc::limit) asked.retry_after = services.store.room_for_key_in(asked.tenant.id, asked.now);
            if (!stored) co_return problem_of(stored.error(), asked);
            if (*stored) co_return replayed(**stored, asked.request);
            asked.key = *std::move(key);
        }
    }
    Result<Answer> answer = fail(Errc::internal, "the operation did not end");
    try {
        answer = co_await asked.operation.run(asked);
    } catch (std::exception const& error) {
        answer = fail(Errc::internal, error.what());
    }
    auto response = answer ? http::json_response(answer->status, answer->body, answer->link) : problem_of(answer.error(), asked);
    co_await settle(asked, answer, response);
    co_return response;
}

/// How long the control thread takes to come to something new.
Task<> Api::Inner::measure() {
    auto const before = services.clock.steady();
    measure_at = before + queue_delay_fresh;
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    delay = services.clock.steady() - before;
}

/// While draining only what live calls still need is done.
bool Api::Inner::turned_away(Asked const& asked) const {
    if (!draining) return false;
    return asked.operation.action.empty() || !services.calls.find(asked.tenant.id, CallId::from(asked.param("call_id")));
}

}  // namespace boni::api
