// What is asked besides the API: its reference, and what monitoring and load balancers want to know.
// /healthz is the process, /readyz is database, SIP, not draining (console-and-dx 6.1).
#include "api/twilio_hangup.hpp"
#include "app/app.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"

namespace boni::app {
namespace {

constexpr auto check_limit = 2s;   // a database that answers later than this is not one to send calls to
constexpr auto check_again = 1s;   // the check is a write, and anybody may ask

}  // namespace

Task<bool> App::database_up() {
    if (auto const now = clock_.steady(); now - database_checked_at_ >= check_again) {
        database_checked_at_ = now;
        auto const checked = co_await within(check_limit, store_->check());
        if (!checked && database_up_) log_error("app", "not ready: the database takes no writes", {{"why", checked.error().what}});
        if (checked && !database_up_) log_info("app", "ready again: the database takes writes");
        database_up_ = checked.has_value();
    }
    co_return database_up_;
}

/// nullopt: the request is about something else.
Task<std::optional<http::Response>> App::health(http::Request& request) {
    if (request.path != "/healthz" && request.path != "/readyz") co_return std::nullopt;
    if (!http::reads(request)) co_return http::not_read(request);
    if (request.path == "/healthz") co_return http::text_response(200, "ok\n");
    auto const database = co_await database_up();
    auto const ready = database && sip_up_ && !draining_;
    auto answer = http::json_response(ready ? 200 : 503, json::object{{"ready", ready}, {"database", database}, {"sip", sip_up_},
                                                                      {"draining", draining_}});
    if (!ready) answer.headers.set("Retry-After", "1");
    co_return answer;
}

Task<http::Response> App::on_public(http::Request& request) {
    if (request.path == "/v1" || request.path.starts_with("/v1/")) co_return co_await api_.handle(request);
    if (request.path.starts_with("/recordings/")) co_return co_await api_.recording(request);
    if (request.path.starts_with("/2010-04-01/")) co_return co_await api::twilio_hangup(api_, request);
    if (auto answer = reference_.answer(request)) co_return *std::move(answer);
    if (auto answer = co_await health(request)) co_return *std::move(answer);
    co_return http::not_routed({Errc::not_found, "the API is under /v1, its reference at /docs, its document at /openapi.json", {}, "not_found"}, request);
}

Task<http::Response> App::on_operator(http::Request& request) {
    if (auto answer = co_await health(request)) co_return *std::move(answer);
    co_return co_await admin_.remote(request);
}

Task<http::Response> App::on_metrics(http::Request& request) {
    if (request.path == "/metrics" && !http::reads(request)) co_return http::not_read(request);
    if (request.path == "/metrics") co_return http::text_response(200, metrics::render(), "text/plain; version=0.0.4; charset=utf-8");
    if (auto answer = co_await health(request)) co_return *std::move(answer);
    co_return http::not_routed({Errc::not_found, "here are /metrics, /healthz and /readyz", {}, "not_found"}, request);
}

}  // namespace boni::app
