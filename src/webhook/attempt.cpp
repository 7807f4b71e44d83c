#include "webhook/attempt.hpp"

#include "base/crypto.hpp"
#include "base/log.hpp"
#include "webhook/signature.hpp"

namespace boni::webhook {

namespace {

constexpr auto connect_timeout = 5s;                 // TCP and TLS
constexpr auto total_timeout = 15s;
constexpr std::size_t response_max = 16 * 1024;      // read, then the connection is closed; only the status counts
constexpr std::size_t excerpt_max = 512;

egress::HttpRequest request_of(store::DueDelivery const& due, int number, Instant now, std::string signature) {
    egress::HttpRequest request{.tenant = due.delivery.tenant.str(), .use = egress::Use::https, .method = "POST", .url = due.endpoint.url};
    request.headers = attempt_headers(due.delivery, number, now, std::move(signature));
    request.body = due.body;
    request.connect_timeout = connect_timeout;
    request.first_byte_timeout = total_timeout;
    request.total_timeout = total_timeout;
    request.body_max = response_max;
    request.oversize = egress::HttpRequest::Oversize::cut;
    return request;
}

double dice() { return double(random_below(1u << 30)) / double(1u << 30); }

/// Where the delivery goes from here.
void decide(store::AttemptResult& result, Outcome const& outcome, int step, Instant now) {
    using Kind = Outcome::Kind;
    using model::DeliveryStatus;
    result.status = outcome.status;
    result.error = outcome.error;
    if (outcome.kind == Kind::retry) result.due_at = next_attempt(step, outcome.failure, now, dice());
    result.outcome = outcome.kind == Kind::delivered ? DeliveryStatus::delivered
                     : result.due_at                 ? DeliveryStatus::pending
                                                     : DeliveryStatus::failed;
}

}  // namespace

Task<Attempted> attempt(egress::HttpClient& http, Clock& clock, Secret master_key, store::DueDelivery due) {
    auto const& delivery = due.delivery;
    auto const now = clock.now();
    auto const started = clock.steady();
    store::AttemptResult result{.delivery = delivery.id, .number = delivery.attempt_count + 1, .started_at = now};
    result.signature_timestamp = unix_seconds(now);
    auto const signature = signature_header(due.endpoint, master_key, now, due.body);
    Result<egress::HttpResponse> answer = fail(Errc::internal, "not sent", {}, "connect");
    if (signature) {
        result.signature = *signature;
        answer = co_await http.send(request_of(due, result.number, now, *signature));
        auto const cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
        if (cancelled != asio::cancellation_type::none) throw boost::system::system_error{asio::error::operation_aborted};
    } else {
        log_error("webhook", "an endpoint's secret cannot be opened: " + signature.error().what, {{"endpoint_id", due.endpoint.id.str()}});
    }
    result.took = std::chrono::floor<std::chrono::milliseconds>(clock.steady() - started);
    if (answer) {
        result.ip = answer->timings.remote.ip_text();
        result.excerpt = answer->body.substr(0, excerpt_max);
    }
    auto const outcome = outcome_of(answer, clock.now());
    decide(result, outcome, delivery.schedule_step + 1, clock.now());
    auto const kind = outcome.kind;
    co_return Attempted{std::move(result), due.endpoint.id, kind == Outcome::Kind::delivered, kind == Outcome::Kind::gone};
}

}  // namespace boni::webhook
