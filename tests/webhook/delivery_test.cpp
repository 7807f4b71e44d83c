#include <set>

#include "base/signature.hpp"
#include "egress/resolver.hpp"
#include "store/session.hpp"
#include "support/fake_clock.hpp"
#include "support/http_sink.hpp"
#include "support/temp_store.hpp"
#include "webhook/delivery.hpp"

using namespace boni;
using model::CallStatus;
using model::DeliveryStatus;
using test::step;
using Reply = test::HttpSink::Reply;
using Post = test::HttpSink::Post;

namespace {

/// No name is resolved here: every URL is a loopback literal.
struct NoResolver final : egress::Resolver {
    Task<Result<std::vector<Address>>> resolve(std::string) override { co_return fail(Errc::unavailable, "no names", {}, "dns"); }
};

/// A store, a receiver and the dispatcher between them, on a clock that is turned by hand.
struct Stage : test::TempStore {
    Stage() : sink{io} {
        ok(store->create_tenant(tenant));
        start();
    }
    ~Stage() { stop(); }

    void start() {
        deliveries = std::make_unique<webhook::Deliveries>(io.get_executor(), clock, *store, http, master);
        deliveries->on_attempt([this](store::AttemptResult const& attempt) { seen.push_back(attempt); });
        spawn(io.get_executor(), "deliveries", deliveries->run());
    }
    void stop(std::chrono::milliseconds limit = 5s) {
        if (deliveries) run(done(deliveries->stop(limit)));
        deliveries.reset();
    }
    static Task<bool> done(Task<> task) {
        co_await std::move(task);
        co_return true;
    }
    model::WebhookEndpoint endpoint(std::string path, std::vector<std::string> events) {
        auto row = test::endpoint_row(tenant, sink.url(std::move(path)), std::move(events), clock.now());
        row.secret = seal(master.reveal(), key, row.id.str());
        return ok(store->upsert_endpoint(row, 100)).endpoint;
    }
    /// One ended call, told to whoever subscribed to call.completed.
    model::Call ended_call() {
        auto call = test::call_row(tenant, clock.now());
        ok(store->commit(step(call, CallStatus::completed, "call.completed", clock.now())));
        return call;
    }
    void later(std::chrono::microseconds by) {
        clock.advance(by);
        deliveries->wake();
    }
    /// Runs the loop until so many attempts are on disk.
    void until_seen(std::size_t count) {
        test::run_until(io, [&] { return seen.size() >= count; }, 20s);
        REQUIRE(seen.size() == count);
    }
    void until_posts(std::size_t count) {
        REQUIRE(test::run_until(io, [&] { return sink.count >= count; }, 20s));
    }
    std::vector<model::Delivery> listed() { return ok(store->deliveries({.tenant = tenant.id, .limit = 100})); }

    test::FakeClock clock;
    std::string key = std::string(32, 'k');
    Secret master{std::string(32, 'm')};
    model::Tenant tenant = test::tenant_row("demo", clock.now());
    test::HttpSink sink;
    egress::Policy policy{.allow_loopback = true};
    NoResolver resolver;
    egress::HttpClient http{io.get_executor(), policy, resolver};
    std::unique_ptr<webhook::Deliveries> deliveries;
    std::vector<store::AttemptResult> seen;
};

}  // namespace

TEST_CASE("an event arrives signed, with its headers, and the delivery says so") {
    Stage stage;
    stage.endpoint("/hook?token=secret", {"call.completed"});
    auto const call = stage.ended_call();
    stage.until_seen(1);
    REQUIRE(stage.sink.posts.size() == 1);
    auto const& post = stage.sink.posts[0];
    CHECK(post.path == "/hook?token=secret");
    CHECK(post.headers.at("x-boni-signature") == signature(stage.key, unix_seconds(stage.clock.now()), post.body));
    CHECK(post.headers.at("x-boni-timestamp") == std::to_string(unix_seconds(stage.clock.now())));
    CHECK(post.headers.at("x-boni-attempt") == "1");
    CHECK(post.headers.at("user-agent") == "Boni-Webhooks/1");
    CHECK(post.headers.at("content-type") == "application/json");
    auto const rows = stage.listed();
    REQUIRE(rows.size() == 1);
    CHECK(post.headers.at("x-boni-delivery-id") == rows[0].id.str());
    CHECK(post.headers.at("x-boni-event-id") == rows[0].event.str());
    CHECK(post.body.find(rows[0].event.str()) != std::string::npos);
    CHECK(rows[0].status == DeliveryStatus::delivered);
    CHECK(rows[0].attempt_count == 1);
    CHECK(rows[0].last_status == 200);
    CHECK(rows[0].signature == post.headers.at("x-boni-signature"));
    CHECK(rows[0].call == call.id);
    CHECK(rows[0].event_type == "call.completed");
    CHECK(stage.seen[0].delivery == rows[0].id);
    CHECK(stage.seen[0].ip == "127.0.0.1");
}

TEST_CASE("eleven failures spend the schedule, each signed afresh over the same bytes; a replay has eleven more") {
    Stage stage;
    stage.endpoint("/", {"call.completed"});
    stage.sink.script = [](Post const&) { return Reply{.status = 500, .body = "broken"}; };
    stage.ended_call();
    std::chrono::microseconds const delays[] = {0s, 5s, 30s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
    for (std::size_t n = 1; n <= 11; ++n) {
        stage.until_seen(n);
        auto const row = stage.listed()[0];
        CAPTURE(n);
        CHECK(row.attempt_count == int(n));
        CHECK(row.last_error == "http_500");
        if (n == 11) break;
        REQUIRE(row.due_at);
        auto const wait = *row.due_at - stage.clock.now();
        CHECK(wait >= delays[n] * 8 / 10);
        CHECK(wait <= delays[n] * 12 / 10);
        stage.later(std::max<std::chrono::microseconds>(wait, 10min));   // past the breaker's longest probe as well
        stage.later(10min);
    }
    auto const row = stage.listed()[0];
    CHECK(row.status == DeliveryStatus::failed);
    CHECK(row.finished_at);
    CHECK(!row.due_at);
    std::set<std::string> bodies, signatures, timestamps;
    for (auto const& post : stage.sink.posts) {
        bodies.insert(post.body);
        signatures.insert(post.headers.at("x-boni-signature"));
        timestamps.insert(post.headers.at("x-boni-timestamp"));
    }
    CHECK(bodies.size() == 1);
    CHECK(signatures.size() == 11);
    CHECK(timestamps.size() == 11);

    stage.sink.script = [](Post const&) { return Reply{.status = 204}; };
    stage.clock.advance(10min);
    stage.ok(stage->replay(stage.tenant.id, row.id, stage.clock.now()));
    stage.until_seen(12);
    CHECK(stage.sink.posts.back().headers.at("x-boni-attempt") == "12");
    CHECK(stage.sink.posts.back().body == *bodies.begin());
    CHECK(stage.listed()[0].status == DeliveryStatus::delivered);
}

TEST_CASE("events of one call arrive in sequence, one after the other, other calls beside them") {
    Stage stage;
    stage.endpoint("/", {"call.ringing", "call.answered", "call.completed"});
    constexpr int calls = 20;
    for (int i = 0; i < calls; ++i) {
        auto call = test::call_row(stage.tenant, stage.clock.now());
        stage->write(step(call, CallStatus::ringing, "call.ringing", stage.clock.now()));
        stage->write(step(call, CallStatus::answered, "call.answered", stage.clock.now()));
        stage->write(step(call, CallStatus::completed, "call.completed", stage.clock.now()));
    }
    stage.until_seen(3 * calls);
    std::map<std::string, std::int64_t> last;
    for (auto const& post : stage.sink.posts) {
        auto const data = json::parse(post.body)->as_object().at("data").as_object();
        auto& before = last[std::string{*json::text(data, "callId")}];
        CHECK(json::integer(data, "sequence") == before + 1);
        ++before;
    }
    CHECK(last.size() == calls);
    CHECK(stage.sink.posts.size() == 3 * calls);
}

TEST_CASE("an answer that cannot be read is named for what it is, and its status counts where it says enough") {
    auto const last_error_after = [](Reply const& answer) {  // outlives the stage, which sends what is left
        Stage stage;
        stage.sink.script = [&](Post const&) { return answer; };
        stage.endpoint("/hook", {"call.completed"});
        stage.ended_call();
        stage.until_seen(1);
        return stage.seen.back().error;
    };
    std::pair<std::string, std::string> const gzip{"Content-Encoding", "gzip"};
    CHECK(last_error_after({.status = 200, .headers = {gzip}, .body = "\x1f\x8b"}) == "bad_content_type");
    CHECK(last_error_after({.status = 200, .headers = {{"X-Long", std::string(20'000, 'x')}}}) == "too_large");
    CHECK(last_error_after({.status = 503, .headers = {gzip}, .body = "\x1f\x8b"}) == "http_503");
    CHECK(last_error_after({.status = 200, .headers = {gzip}}).empty());
    CHECK(last_error_after({.status = 410, .headers = {gzip}, .body = "\x1f\x8b"}) == "gone");
}

TEST_CASE("410 ends it and switches the endpoint off; a redirect is never followed") {
    Stage stage;
    auto const gone = stage.endpoint("/gone", {"call.completed"});
    auto const moved = stage.endpoint("/moved", {"call.failed"});
    stage.sink.script = [&](Post const& post) {
        if (post.path == "/gone") return Reply{.status = 410};
        return Reply{.status = 302, .headers = {{"Location", stage.sink.url("/elsewhere")}}};
    };
    auto first = stage.ended_call();
    stage.until_seen(1);
    CHECK(stage.listed()[0].status == DeliveryStatus::failed);
    CHECK(stage.listed()[0].last_error == "gone");
    auto const off = stage.ok(stage->endpoint(stage.tenant.id, gone.id));
    CHECK(!off.enabled);
    CHECK(off.disabled_reason == "gone");
    stage.ended_call();
    CHECK(stage.listed().size() == 1);                       // it receives nothing any more

    auto call = test::call_row(stage.tenant, stage.clock.now());
    stage.ok(stage->commit(step(call, CallStatus::failed, "call.failed", stage.clock.now())));
    stage.until_seen(2);
    CHECK(stage.seen[1].error == "redirect_blocked");
    CHECK(stage.seen[1].outcome == DeliveryStatus::pending);
    for (auto const& post : stage.sink.posts) CHECK(post.path != "/elsewhere");
}

TEST_CASE("a broken endpoint is probed only, and what waits is deferred without spending attempts") {
    Stage stage;
    stage.endpoint("/", {"call.completed"});
    bool broken = true;
    stage.sink.script = [&](Post const&) { return Reply{.status = broken ? 503 : 200}; };
    for (int i = 0; i < 5; ++i) {
        stage.ended_call();
        stage.until_seen(std::size_t(i) + 1);
    }
    for (int i = 0; i < 6; ++i) stage.ended_call();
    // The breaker is open: the round that finds them defers all of it to the probe.
    auto deferred = [&] {
        auto const rows = stage.listed();
        return std::ranges::count_if(rows, [&](auto const& row) { return row.attempt_count == 0 && row.due_at > stage.clock.now() + 29s; }) == 6;
    };
    CHECK(test::run_until(stage.io, deferred, 20s));
    CHECK(stage.sink.count == 5);

    stage.later(31s);
    stage.until_seen(6);                                     // one probe
    CHECK(stage.sink.count == 6);
    broken = false;
    stage.later(61s);
    auto delivered = [&] {
        return stage.ok(stage->deliveries({.tenant = stage.tenant.id, .status = DeliveryStatus::delivered, .limit = 100})).size();
    };
    CHECK(test::run_until(stage.io, [&] { return delivered() >= 1; }, 20s));
    stage.later(10min);                                      // the probe succeeded; retries are due by now as well
    CHECK(test::run_until(stage.io, [&] { return delivered() == 11; }, 20s));
}

TEST_CASE("a stop sends what is due, one event of a call after the other, and leaves what failed to the next start") {
    Stage stage;
    stage.endpoint("/good", {"call.inbound.received", "call.completed"});
    stage.endpoint("/bad", {"call.failed"});
    stage.sink.script = [](Post const& post) { return Reply{.status = post.path == "/bad" ? 500 : 200}; };
    constexpr std::size_t calls = 30;                    // more than may be in flight
    for (std::size_t n = 0; n < calls; ++n) {
        auto call = test::call_row(stage.tenant, stage.clock.now());
        stage.ok(stage.store->commit(step(call, CallStatus::received, "call.inbound.received", stage.clock.now())));
        stage.ok(stage.store->commit(step(call, CallStatus::completed, "call.completed", stage.clock.now())));
    }
    auto call = test::call_row(stage.tenant, stage.clock.now());
    stage.ok(stage.store->commit(step(call, CallStatus::failed, "call.failed", stage.clock.now())));
    stage.stop();
    auto const rows = stage.ok(stage.store->deliveries({.tenant = stage.tenant.id, .limit = 100}));
    REQUIRE(rows.size() == 2 * calls + 1);
    CHECK(std::ranges::count(rows, DeliveryStatus::delivered, &model::Delivery::status) == 2 * calls);
    auto const left = std::ranges::find(rows, DeliveryStatus::pending, &model::Delivery::status);
    REQUIRE(left != rows.end());
    CHECK(left->attempt_count == 1);
    CHECK(left->last_error == "http_500");
}

TEST_CASE("what was in flight at a stop is sent again after the start, with the same event id") {
    Stage stage;
    stage.endpoint("/", {"call.completed"});
    stage.sink.script = [](Post const&) { return Reply{.never = true}; };
    stage.ended_call();
    stage.until_posts(1);
    stage.stop(0ms);
    CHECK(stage.listed()[0].attempt_count == 0);
    CHECK(stage.listed()[0].status == DeliveryStatus::pending);
    stage.reopen();
    stage.sink.script = [](Post const&) { return Reply{}; };
    stage.start();
    stage.until_seen(1);
    CHECK(stage.sink.posts.size() == 2);
    CHECK(stage.sink.posts[0].headers.at("x-boni-event-id") == stage.sink.posts[1].headers.at("x-boni-event-id"));
    CHECK(stage.listed()[0].status == DeliveryStatus::delivered);
}

TEST_CASE("a clock that jumps over the lease sends nothing twice") {
    Stage stage;
    stage.endpoint("/", {"call.completed"});
    stage.sink.script = [](Post const&) { return Reply{.never = true}; };
    stage.ended_call();
    stage.until_posts(1);
    stage.later(2h);                                         // the sweep frees the lease, the round finds it due
    stage.endpoint("/other", {"call.failed"});
    stage.sink.script = [](Post const&) { return Reply{}; };
    auto call = test::call_row(stage.tenant, stage.clock.now());
    stage.ok(stage->commit(step(call, CallStatus::failed, "call.failed", stage.clock.now())));
    stage.until_seen(1);                                     // a whole round went by
    auto const rows = stage.listed();
    CHECK(std::ranges::find(rows, stage.seen[0].delivery, &model::Delivery::id)->event_type == "call.failed");
    CHECK(stage.sink.count == 2);
    stage.stop(0ms);
}

TEST_CASE("a result that the database does not take for longer than a lease is no second delivery") {
    Stage stage;
    stage.endpoint("/", {"call.completed"});
    stage.sink.script = [](Post const&) { return Reply{}; };
    {
        store::Session disk{stage.folder.path / "boni.db", store::Session::Mode::writer};
        disk.script("CREATE TRIGGER full BEFORE INSERT ON attempts BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    }
    stage.ended_call();
    stage.until_posts(1);
    test::run_until(stage.io, [] { return false; }, 300ms);  // it was refused
    stage.later(31s);
    CHECK_FALSE(test::run_until(stage.io, [&] { return stage.sink.count > 1; }, 300ms));
    {
        store::Session disk{stage.folder.path / "boni.db", store::Session::Mode::writer};
        disk.script("DROP TRIGGER full");
    }
    stage.until_seen(1);
    CHECK(stage.listed()[0].status == DeliveryStatus::delivered);
    CHECK(stage.sink.count == 1);
}

TEST_CASE("a clock that is set back keeps nobody waiting longer than the schedule does, now or after a restart") {
    Stage stage;
    stage.endpoint("/", {"call.completed"});
    stage.sink.script = [](Post const&) { return Reply{.status = 500}; };
    stage.ended_call();
    stage.until_seen(1);                                     // due again in 5 s
    stage.clock.set(stage.clock.now() - 5h);
    stage.deliveries->wake();
    auto const deadline = std::chrono::steady_clock::now() + 20s;
    while (*stage.listed()[0].due_at - stage.clock.now() > 2min && std::chrono::steady_clock::now() < deadline) stage.io.run_one_for(100ms);
    stage.later(2min);
    stage.until_seen(2);

    stage.stop();
    stage.clock.set(stage.clock.now() + 5h);                 // what comes now is from ahead of the next start
    stage.ended_call();
    stage.clock.set(stage.clock.now() - 5h);
    stage.start();
    stage.until_seen(3);
    CHECK(stage.sink.posts.back().headers.at("x-boni-attempt") == "1");
}

TEST_CASE("an endpoint without a way in fails with a token and never with its URL") {
    Stage stage;
    asio::ip::tcp::acceptor closed{stage.io, {asio::ip::make_address("127.0.0.1"), 0}};
    auto const url = "http://127.0.0.1:" + std::to_string(closed.local_endpoint().port()) + "/path?key=abc";
    closed.close();
    auto row = test::endpoint_row(stage.tenant, url, {"call.completed"}, stage.clock.now());
    row.secret = seal(stage.master.reveal(), stage.key, row.id.str());
    stage.ok(stage->upsert_endpoint(row, 10));
    auto inside = test::endpoint_row(stage.tenant, "https://10.0.0.1/", {"call.completed"}, stage.clock.now());
    inside.secret = seal(stage.master.reveal(), stage.key, inside.id.str());
    stage.ok(stage->upsert_endpoint(inside, 10));
    stage.ended_call();
    stage.until_seen(2);
    std::map<std::string, std::string> errors;
    for (auto const& delivery : stage.listed()) errors[delivery.endpoint.str()] = delivery.last_error;
    CHECK(errors == std::map<std::string, std::string>{{row.id.str(), "connect"}, {inside.id.str(), "egress_blocked"}});
}

TEST_CASE("a dead endpoint does not hold up a healthy one") {
    Stage stage;
    stage.endpoint("/dead", {"call.completed"});
    stage.endpoint("/alive", {"call.completed"});
    stage.sink.script = [](Post const& post) { return Reply{.never = post.path == "/dead"}; };
    for (int i = 0; i < 40; ++i) stage.ended_call();
    stage.until_seen(40);
    CHECK(std::ranges::count(stage.sink.posts, "/dead", &Post::path) <= 4);
    for (auto const& attempt : stage.seen) CHECK(attempt.outcome == DeliveryStatus::delivered);
    stage.stop(0ms);
}
