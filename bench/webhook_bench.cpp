// Event deliveries against the targets of events-and-webhooks 7: a loopback TLS receiver on a thread of its own, 1 KiB bodies,
// SQLite with synchronous=FULL. Each case prints its figures and the ratio to the raw primitive. Figures: bench/README.md.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <atomic>
#include <cstdio>
#include <thread>

#include "base/crypto.hpp"
#include "egress/resolver.hpp"
#include "support/certificates.hpp"
#include "support/http_sink.hpp"
#include "support/temp_store.hpp"
#include "webhook/delivery.hpp"

using namespace boni;
using Reply = test::HttpSink::Reply;
using Post = test::HttpSink::Post;

namespace {

double seconds_since(Steady start) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }

struct NoResolver final : egress::Resolver {
    Task<Result<std::vector<Address>>> resolve(std::string) override { co_return fail(Errc::unavailable, "no names", {}, "dns"); }
};

/// The receivers, each on a port of its own, all on one thread. `late` is per post: from the commit's start, written into the body, to
/// its arrival.
struct Receiver {
    Receiver(std::string const& pem, int count) {
        for (int i = 0; i < count; ++i) {
            sinks.push_back(std::make_unique<test::HttpSink>(io, pem));
            sinks.back()->remember = false;
            sinks.back()->script = [this](Post const& post) { return answer(post); };
        }
        thread = std::thread{[this] { io.run(); }};
    }
    Reply answer(Post const& post) {
        if (auto const at = post.body.find("\"benchUs\":"); at != std::string::npos && post.path.starts_with("/alive")) {
            auto const sent = std::chrono::microseconds{std::stoll(post.body.substr(at + 10))};
            late.push_back(std::chrono::duration<double, std::milli>(post.at.time_since_epoch() - sent).count());
        }
        return Reply{.never = post.path.starts_with("/dead"), .close = close.load()};
    }
    std::size_t connections() const {
        std::size_t sum = 0;
        for (auto const& sink : sinks) sum += sink->connections;
        return sum;
    }
    ~Receiver() {
        io.stop();
        thread.join();
    }
    asio::io_context io;
    std::vector<std::unique_ptr<test::HttpSink>> sinks;
    std::vector<double> late;                        // the receiver's thread; read when all has arrived
    std::atomic<bool> close = false;
    std::thread thread;
};

struct Bench : test::TempStore {
    explicit Bench(int endpoints, int dead = 0) : receiver{certificates.leaf("IP:127.0.0.1"), endpoints} {
        policy.ca_file = certificates.ca_file();
        ok(store->create_tenant(tenant));
        for (int i = 0; i < endpoints; ++i) {
            auto const path = (i < dead ? "/dead/" : "/alive/") + std::to_string(i);
            auto row = test::endpoint_row(tenant, receiver.sinks[std::size_t(i)]->url(path), {}, system_clock().now());
            row.secret = seal(master.reveal(), std::string(32, 'k'), row.id.str());
            hooks.push_back(ok(store->upsert_endpoint(row, 1000)).endpoint.id);
        }
    }
    void start() {
        http = std::make_unique<egress::HttpClient>(io.get_executor(), policy, resolver);
        deliveries = std::make_unique<webhook::Deliveries>(io.get_executor(), system_clock(), *store, *http, master);
        deliveries->on_attempt([this](auto const& attempt) { delivered += attempt.outcome == model::DeliveryStatus::delivered; });
        spawn(io.get_executor(), "deliveries", deliveries->run());
    }
    void stop() {
        run([](webhook::Deliveries& all) -> Task<bool> {
            co_await all.stop(0ms);
            co_return true;
        }(*deliveries));
    }
    /// One event of about 1 KiB for the `n`-th endpoint, round and round.
    Task<Result<>> event(std::size_t n) {
        store::Commit commit;
        auto const now = std::chrono::steady_clock::now().time_since_epoch();
        json::object data{{"benchUs", std::chrono::duration_cast<std::chrono::microseconds>(now).count()}, {"filling", std::string(850, 'x')}};
        commit.events.push_back(model::make_event(tenant.id, "usage.updated", std::move(data), system_clock().now()));
        commit.only_endpoint = hooks[n % hooks.size()];
        return store->commit(std::move(commit));
    }
    void queue(std::size_t count) {
        std::size_t next = 0, running = 0;
        auto worker = [](Bench& bench, std::size_t& next, std::size_t count, std::size_t& running) -> Task<> {
            while (next < count) co_await bench.event(next++);
            --running;
        };
        for (; running < 256; ++running) asio::co_spawn(io, worker(*this, next, count, running), asio::detached);
        io.restart();
        while (running > 0) io.run_one();
    }
    double drain(std::size_t count) {
        auto const begin = std::chrono::steady_clock::now();
        start();
        io.restart();
        while (delivered < count && seconds_since(begin) < 300) io.run_one_for(100ms);
        return double(delivered) / seconds_since(begin);
    }

    test::Certificates certificates;
    Receiver receiver;
    Secret master{std::string(32, 'm')};
    model::Tenant tenant = test::tenant_row("bench", system_clock().now());
    std::vector<EndpointId> hooks;
    egress::Policy policy{.allow_loopback = true};
    NoResolver resolver;
    std::unique_ptr<egress::HttpClient> http;
    std::unique_ptr<webhook::Deliveries> deliveries;
    std::size_t delivered = 0;
    std::size_t healthy_from = 0;                    // endpoints before it are dead
};

/// The raw primitive: the same posts through the same client, without database, signature or dispatcher.
double raw_posts(Bench& bench, std::size_t count, std::size_t at_once) {
    egress::HttpClient http{bench.io.get_executor(), bench.policy, bench.resolver};
    std::size_t next = 0, running = 0;
    auto worker = [](egress::HttpClient& http, Bench& bench, std::size_t& next, std::size_t count, std::size_t& running) -> Task<> {
        while (next++ < count) {
            auto const url = bench.receiver.sinks[next % bench.receiver.sinks.size()]->url("/raw");
            egress::HttpRequest request{.tenant = "raw", .use = egress::Use::https, .url = url, .body = std::string(1024, 'x')};
            request.oversize = egress::HttpRequest::Oversize::cut;
            auto const answer = co_await http.send(std::move(request));
            CHECK(answer);
        }
        --running;
    };
    auto const begin = std::chrono::steady_clock::now();
    for (; running < at_once; ++running)
        asio::co_spawn(bench.io, worker(http, bench, next, count, running), asio::detached);
    bench.io.restart();
    while (running > 0) bench.io.run_one();
    return double(count) / seconds_since(begin);
}

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[std::min(values.size() - 1, std::size_t(share * double(values.size())))];
}

/// Commits at a steady rate while the dispatcher runs; what arrived at healthy endpoints, in milliseconds after its commit began.
std::vector<double> paced(Bench& bench, std::size_t per_second, std::size_t seconds) {
    auto const count = per_second * seconds;
    auto producer = [](Bench& bench, std::size_t count, std::size_t per_second, std::size_t& done) -> Task<> {
        asio::steady_timer timer{bench.io};
        auto next = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < count; ++i) {
            next += std::chrono::microseconds{1'000'000 / per_second};
            timer.expires_at(next);
            co_await timer.async_wait(asio::use_awaitable);
            asio::co_spawn(bench.io, bench.event(i), [&done](std::exception_ptr, Result<>) { ++done; });
        }
    };
    std::size_t committed = 0;
    auto const begin = std::chrono::steady_clock::now();
    bench.start();
    asio::co_spawn(bench.io, producer(bench, count, per_second, committed), asio::detached);
    auto const healthy = [&] {
        std::size_t sum = 0;
        for (std::size_t i = 0; i < count; ++i) sum += bench.healthy_from <= i % bench.hooks.size() ? 1 : 0;
        return sum;
    }();
    bench.io.restart();
    while ((committed < count || bench.delivered < healthy) && seconds_since(begin) < double(seconds) + 60) bench.io.run_one_for(100ms);
    return bench.receiver.late;
}

}  // namespace

TEST_CASE("throughput with keep-alive") {
    Bench bench{20};
    constexpr std::size_t count = 10'000;
    auto const begin = std::chrono::steady_clock::now();
    bench.queue(count);
    std::printf("committed  %8.0f events/s (group commit, 256 waiting)\n", double(count) / seconds_since(begin));
    auto const raw = raw_posts(bench, count, 64);
    auto const rate = bench.drain(count);
    std::printf("keep-alive %8.0f deliveries/s, raw posts %.0f/s, ratio %.2f; %zu connections\n", rate, raw, rate / raw,
                bench.receiver.connections());
    std::printf("           100,000 queued at that rate: %.0f s\n", 100'000 / rate);
    bench.stop();
}

TEST_CASE("throughput with a handshake each") {
    Bench bench{20};
    bench.receiver.close = true;
    constexpr std::size_t count = 2'000;
    bench.queue(count);
    auto const raw = raw_posts(bench, count, 64);
    auto const rate = bench.drain(count);
    std::printf("handshake  %8.0f deliveries/s, raw posts %.0f/s, ratio %.2f\n", rate, raw, rate / raw);
    bench.stop();
}

TEST_CASE("commit to arrival at 500 events/s") {
    Bench bench{20};
    auto const late = paced(bench, 500, 10);
    std::printf("at 500/s   p50 %.1f ms, p99 %.1f ms, of %zu\n", percentile(late, 0.5), percentile(late, 0.99), late.size());
    bench.stop();
}

TEST_CASE("a fifth of the endpoints is black-holed") {
    double baseline = 0;
    for (int dead : {0, 20}) {
        Bench bench{100, dead};
        bench.healthy_from = std::size_t(dead);
        auto const late = paced(bench, 200, 20);
        auto const p99 = percentile(late, 0.99);
        std::printf("%2d of 100 dead: healthy p50 %.1f ms, p99 %.1f ms, of %zu\n", dead, percentile(late, 0.5), p99, late.size());
        if (dead == 0) baseline = p99;
        else std::printf("           healthy p99 is %.2f of the baseline\n", p99 / baseline);
        bench.stop();
    }
}
