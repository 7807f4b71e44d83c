#include "targets/control_webhook/ask.hpp"

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "call/events.hpp"
#include "call/signing.hpp"
#include "egress/host.hpp"
#include "targets/control_webhook/breaker.hpp"
#include "targets/control_webhook/references.hpp"

namespace boni::targets::control_webhook {
namespace {

using std::chrono::milliseconds;

constexpr int attempts_max = 2;
constexpr milliseconds connect_max{1000};          // connect and TLS of one attempt, or half the budget
constexpr milliseconds retry_needs{500};           // left of the budget, or there is no retry
constexpr milliseconds retry_pause{50};
constexpr std::size_t answer_bytes_max = 64 * 1024;

milliseconds ms_between(Steady from, Steady to) { return std::chrono::duration_cast<milliseconds>(to - from); }

prometheus::Histogram& seconds_of_questions() {
    static auto& one = metrics::histogram("boni_control_webhook_seconds", "From a question to its answer or failure, retry included",
                                          {.005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10});
    return one;
}

/// One question on its way: what its attempts share.
struct Asking {
    call::Call& call;
    Place place;
    Question question;
    std::string body;
    std::vector<Secret> keys;
    Steady started;
    milliseconds pause = retry_pause;              ///< before the retry
    egress::HttpTimings times{};                   ///< of the last attempt; the retry prefers another vetted address of the name

    milliseconds spent() const { return ms_between(started, call.services().clock.steady()); }
    milliseconds left() const { return place.budget - spent(); }
};

json::array names_of_actions(Decision const& decision) {
    json::array names;
    for (auto const& step : decision.actions) names.emplace_back(step.name);
    return names;
}

egress::HttpRequest request_of(Asking& asking, int attempt) {
    auto const left = asking.left();
    egress::HttpRequest request;
    request.tenant = asking.call.tenant().id.str();
    request.url = asking.place.url;
    request.method = "POST";
    request.headers = headers_of(asking.question, asking.call.row().id, asking.body, asking.keys, attempt, asking.call.services().clock.now());
    request.body = asking.body;
    request.connect_timeout = std::min(connect_max, asking.place.budget / 2);
    request.first_byte_timeout = left;
    request.total_timeout = left;
    request.deadline_header = "X-Boni-Deadline-Ms";
    request.body_max = answer_bytes_max;
    request.of_use = of_use;
    request.late = [call = asking.call.row().id.str(), decision = asking.question.id.str(), attempt](int status) {
        log_info("control_webhook", "an answer came too late and is discarded",
                 {{"call_id", call}, {"decision_id", decision}, {"attempt", std::to_string(attempt)}, {"status", std::to_string(status)}});
    };
    request.avoid = asking.times.remote;
    request.timings = &asking.times;
    return request;
}

/// Written when the attempt is over, because only then its times are known: of what it got through.
void note_request(Asking const& asking, int attempt) {
    json::object detail{{"decisionId", asking.question.id.str()}, {"phase", asking.question.phase}, {"attempt", attempt},
                        {"host", egress::host_of(asking.place.url)}};
    auto const& times = asking.times;
    for (auto const& [name, time] : {std::pair{"dnsMs", times.dns}, {"connectMs", times.connect}, {"tlsMs", times.tls}, {"ttfbMs", times.first_byte}})
        if (time) detail[name] = time->count();
    if (times.connect) detail["reused"] = times.reused;
    asking.call.note("control.requested", std::move(detail));
}

void note_answer(Asking const& asking, Answer const& answer, int attempt, int status, std::size_t bytes) {
    json::object detail{{"decisionId", asking.question.id.str()}, {"totalMs", asking.spent().count()}};
    if (status != 0) detail["status"] = status;
    if (answer.outcome.kind == Outcome::Kind::failure) {
        detail["attempt"] = attempt;
        detail["reason"] = answer.outcome.reason;
        return asking.call.note("control.failed", std::move(detail));
    }
    if (answer.outcome.kind == Outcome::Kind::hold) detail["waitMs"] = answer.outcome.wait.count();
    detail["bytes"] = bytes;
    if (answer.decision) {
        detail["actions"] = names_of_actions(*answer.decision);
        if (answer.decision->target) detail["target"] = answer.decision->target->type;
    }
    asking.call.note(answer.outcome.kind == Outcome::Kind::hold ? "control.held" : "control.decided", std::move(detail));
}

/// A refused URL is two sentences, a line each, and the second says it all.
std::string said_in_full(std::string const& what) { return call::events::cut(std::string_view{what}.substr(what.rfind('\n') + 1)); }

/// RFC 8259 8.1: a parser may skip it, and .NET writes one.
std::string_view without_byte_order_mark(std::string_view body) { return body.substr(body.starts_with("\xEF\xBB\xBF") ? 3 : 0); }

/// 200: the whole decision is valid, or the attempt failed.
Task<> read_decision(Asking const& asking, std::string_view body, Answer& answer) {
    auto const parsed = json::parse(body);
    if (!parsed) {
        answer.outcome = {.reason = "invalid_json"};
        co_return;
    }
    auto decision = parse_decision(*parsed, asking.call.check_context(), asking.call.row().metadata);
    auto const known = decision ? co_await check_references(asking.call, *decision) : std::unexpected(decision.error());
    if (known) {
        answer.decision = std::move(*decision);
        co_return;
    }
    answer.outcome = {.reason = "invalid_decision"};
    asking.call.note("control.invalid", {{"decisionId", asking.question.id.str()}, {"field", known.error().field},
                                         {"message", said_in_full(known.error().what)}});
}

Task<Answer> attempt_once(Asking& asking, int attempt) {
    Answer answer{.id = asking.question.id};
    asking.call.asked();
    std::optional<Result<egress::HttpResponse>> got;
    try {
        got = co_await within(asking.left(), asking.call.services().http.send(request_of(asking, attempt)));
    } catch (boost::system::system_error const&) {
        note_request(asking, attempt);               // the caller hung up first; the question was sent all the same
        throw;
    }
    auto& response = *got;
    note_request(asking, attempt);
    // A caller who hung up has cancelled us, whatever the client made of it: this attempt is nobody's failure.
    if (asking.call.ending()) throw boost::system::system_error{asio::error::operation_aborted};
    if (!response) {
        answer.outcome = outcome_of(response.error());
        note_answer(asking, answer, attempt, asking.times.status, 0);
        co_return answer;
    }
    auto const body = without_byte_order_mark(response->body);
    answer.outcome = outcome_of(response->status, header_of(*response, "content-type"), body);
    if (answer.outcome.kind == Outcome::Kind::decision) co_await read_decision(asking, body, answer);
    if (auto const after = retry_after(header_of(*response, "retry-after"))) asking.pause = std::max(retry_pause, *after);
    note_answer(asking, answer, attempt, response->status, response->body.size());
    co_return answer;
}

Task<Answer> attempts(Asking& asking) {
    for (int attempt = 1;; ++attempt) {
        auto answer = co_await attempt_once(asking, attempt);
        if (!answer.outcome.retry || attempt == attempts_max || asking.left() < retry_needs) co_return answer;
        // A Retry-After that leaves no time for an answer is not honoured.
        if (asking.pause + retry_needs > asking.left()) asking.pause = retry_pause;
        co_await wait_for(asking.pause);
    }
}

Breaker& breaker_of(call::Call& call, std::string const& url) { return call.calls().kept().of<Breakers>().of(call.tenant().id, url); }

void note_breaker(call::Call& call, std::string const& url, Breaker const& breaker) {
    auto const state = breaker.state() == Breaker::State::open ? "open" : "closed";
    call.note("control.breaker", {{"host", egress::host_of(url)}, {"state", state}, {"failures", breaker.failures()}});
}

/// Looked up again after the wait: another call may have closed or removed it. True: it is open now.
bool count(call::Call& call, std::string const& url, Outcome const& outcome) {
    auto& breaker = breaker_of(call, url);
    auto const now = call.services().clock.steady();
    auto const failure = outcome.kind == Outcome::Kind::failure;
    auto changed = failure ? breaker.failed(now) : breaker.succeeded(now);
    if (outcome.gone) changed |= breaker.gone();
    if (changed) note_breaker(call, url, breaker);
    return breaker.state() == Breaker::State::open;
}

Answer failed(Question const& question, std::string reason) { return {.outcome = {.reason = std::move(reason)}, .id = question.id}; }

}  // namespace

Task<Answer> ask(call::Call& call, Place place, Question question) {
    auto const url = place.url;
    auto const started = call.services().clock.steady();
    if (!breaker_of(call, url).lets_through(started)) {
        auto answer = failed(question, "breaker_open");
        answer.down = true;
        call.note("control.failed", {{"decisionId", question.id.str()}, {"attempt", 0}, {"reason", "breaker_open"}, {"totalMs", 0}});
        co_return answer;
    }
    auto keys = co_await call::signing_keys(call);
    if (!keys) {
        log_error("control_webhook", "the signing secret cannot be opened: " + keys.error().what, {{"call_id", call.row().id.str()}});
        call.note("control.failed", {{"decisionId", question.id.str()}, {"attempt", 0}, {"reason", "no_signing_secret"}, {"totalMs", 0}});
        co_return failed(question, "no_signing_secret");
    }
    auto body = body_of(question, call, place.budget);
    Asking asking{call, std::move(place), std::move(question), std::move(body), std::move(*keys), started};
    auto answer = co_await attempts(asking);
    seconds_of_questions().Observe(std::chrono::duration<double>(asking.spent()).count());
    answer.down = count(call, url, answer.outcome);
    co_return answer;
}

}  // namespace boni::targets::control_webhook
