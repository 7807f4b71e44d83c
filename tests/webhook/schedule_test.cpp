#include <doctest/doctest.h>

#include "webhook/failing.hpp"
#include "webhook/outcome.hpp"

using namespace boni;
using namespace boni::webhook;

namespace {

Instant const now = from_unix_ms(1'795'414'211'000);

std::chrono::milliseconds after(int attempts, Failure failure = {}, double dice = 0.5) {
    auto const next = next_attempt(attempts, failure, now, dice);
    return next ? std::chrono::round<std::chrono::milliseconds>(*next - now) : std::chrono::milliseconds{-1};
}

Result<egress::HttpResponse> answer(int status, std::string retry_after = {}) {
    egress::HttpResponse response{.status = status};
    if (!retry_after.empty()) response.headers = {{"retry-after", retry_after}};
    return response;
}

}  // namespace

TEST_CASE("eleven attempts over 75 h 35 min 35 s, each delay within a fifth") {
    std::chrono::seconds total{0};
    for (auto const delay : delays) total += delay;
    CHECK(total == 75h + 35min + 35s);
    for (int n = 1; n < attempts_max; ++n) {
        CAPTURE(n);
        auto const delay = std::chrono::milliseconds{delays[std::size_t(n)]};
        CHECK(after(n) == delay);
        CHECK(after(n, {}, 0.0) == delay * 8 / 10);
        CHECK(after(n, {}, 0.999'999'99) <= delay * 12 / 10);
    }
    CHECK(after(11) == -1ms);
    CHECK(after(12) == -1ms);
}

TEST_CASE("after a timeout or 429 the delay is at least a minute; Retry-After is heard within bounds") {
    CHECK(after(1, {.pressed = true}) == 60s);
    CHECK(after(2, {.pressed = true}) == 60s);
    CHECK(after(3, {.pressed = true}) == 5min);
    CHECK(after(1, {.retry_after = 3s}) == 5s);              // never sooner than the schedule
    CHECK(after(1, {.retry_after = 40s}) == 40s);
    CHECK(after(1, {.retry_after = 300s}) == 60s);           // nor later than max(2 x delay, 60 s)
    CHECK(after(3, {.retry_after = 24h}) == 10min);
    CHECK(after(1, {.pressed = true, .retry_after = 90s}) == 90s);
    CHECK(after(1, {.pressed = true, .retry_after = 1h}) == 120s);
    CHECK(after(11, {.retry_after = 1s}) == -1ms);
}

TEST_CASE("the longest wait is what an attempt may be told at most") {
    CHECK(longest_wait(0) == 0us);
    for (int n = 1; n < attempts_max; ++n) {
        CAPTURE(n);
        auto const most = after(n, {.pressed = true, .retry_after = 365 * 24h}, 0.999'999'99);
        CHECK(longest_wait(n) >= most);
        CHECK(longest_wait(n) <= most + 1ms);
    }
}

TEST_CASE("Retry-After is seconds or a date, and nothing else") {
    CHECK(parse_retry_after("120", now) == 120s);
    CHECK(parse_retry_after("0", now) == 0s);
    CHECK(parse_retry_after("Mon, 23 Nov 2026 06:12:11 GMT", now) == 120s);
    CHECK(parse_retry_after("Mon, 23 Nov 2026 06:00:00 GMT", now) == 0s);
    for (auto const* const bad : {"", "-1", "1.5", "soon", "12 ", "Mon, 23 Nov 2026", "99999999999999999999999"}) CHECK(!parse_retry_after(bad, now));
}

TEST_CASE("an answer means what the table says") {
    using Kind = Outcome::Kind;
    struct Row {
        Result<egress::HttpResponse> answer;
        Kind kind;
        std::string error;
        bool pressed;
    };
    Row const rows[] = {
        {answer(200), Kind::delivered, "", false},
        {answer(204), Kind::delivered, "", false},
        {answer(299), Kind::delivered, "", false},
        {answer(301), Kind::retry, "redirect_blocked", false},
        {answer(308), Kind::retry, "redirect_blocked", false},
        {answer(410), Kind::gone, "gone", false},
        {answer(400), Kind::retry, "http_400", false},
        {answer(404), Kind::retry, "http_404", false},
        {answer(429), Kind::retry, "http_429", true},
        {answer(500), Kind::retry, "http_500", false},
        {answer(503), Kind::retry, "http_503", false},
        {fail(Errc::timeout, "", {}, "timeout"), Kind::retry, "timeout", true},
        {fail(Errc::unavailable, "", {}, "tls"), Kind::retry, "tls", false},
        {fail(Errc::timeout, "", {}, "dns"), Kind::retry, "dns", false},
        {fail(Errc::unavailable, "", {}, "connect"), Kind::retry, "connect", false},
        {fail(Errc::forbidden, "", {}, "egress_blocked"), Kind::retry, "egress_blocked", false},
        {fail(Errc::invalid, "", {}, "unsafe_url"), Kind::retry, "egress_blocked", false},
        {fail(Errc::unavailable, "", {}, "bad_content_type"), Kind::retry, "bad_content_type", false},
        {fail(Errc::limit, "", {}, "too_large"), Kind::retry, "too_large", false},
        {fail(Errc::unavailable, "", {}, "no token of ours"), Kind::retry, "connect", false},
    };
    for (auto const& row : rows) {
        auto const outcome = outcome_of(row.answer, now);
        CAPTURE(row.error);
        CHECK(outcome.kind == row.kind);
        CHECK(outcome.error == row.error);
        CHECK(outcome.failure.pressed == row.pressed);
        CHECK(outcome.status.has_value() == row.answer.has_value());
    }
    CHECK(outcome_of(answer(503, "30"), now).failure.retry_after == 30s);
}

TEST_CASE("an endpoint is off for good after five days, ten failures and twelve hours of them") {
    using std::chrono::days;
    store::EndpointHealth health{.failures = 10, .first_failure_at = now - days{5}, .last_failure_at = now, .last_success_at = now - days{6}};
    CHECK(failing_for_good(health, now));
    auto few = health;
    few.failures = 9;
    CHECK(!failing_for_good(few, now));
    auto burst = health;
    burst.first_failure_at = now - 11h;
    CHECK(!failing_for_good(burst, now));
    auto young = health;
    young.last_success_at = now - days{4};
    CHECK(!failing_for_good(young, now));
    auto never = health;
    never.last_success_at.reset();
    CHECK(failing_for_good(never, now));
    never.first_failure_at = now - days{4};
    CHECK(!failing_for_good(never, now));
}
