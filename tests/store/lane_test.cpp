#include "store/lane.hpp"

#include "support/temp_store.hpp"

using namespace boni;
using store::Hurry;

namespace {

struct Noted final : store::Job {
    Noted(char n, std::function<void(char)> t) : name{n}, told{std::move(t)} {}
    bool run(store::Session&) override { return true; }
    void done(Error const*) override { told(name); }
    char name;
    std::function<void(char)> told;
};

/// A lane that keeps what it served, batch by batch.
struct Watched {
    test::TempFolder folder;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> batches;
    store::Lane lane{"lane", std::make_unique<store::Session>(folder.path / "boni.db", store::Session::Mode::writer), 0ms,
                     [this](store::Session&, store::Jobs& jobs) {
                         std::lock_guard const lock{mutex};
                         batches.emplace_back();
                         for (auto& job : jobs) job->done(nullptr);
                         changed.notify_all();
                     }};

    void push(char name, Hurry hurry) {
        CHECK_FALSE(lane.push(std::make_unique<Noted>(name, [this](char done) { batches.back() += done; }), hurry));
    }
    std::string served(std::size_t count) {
        std::unique_lock lock{mutex};
        auto const all = [&] {
            std::string out;
            for (auto const& batch : batches) out += batch;
            return out;
        };
        changed.wait(lock, [&] { return all().size() >= count; });
        return all();
    }
};

}  // namespace

TEST_CASE("a job without hurry is served within its time, though nobody else comes") {
    Watched watched;
    auto const pushed = std::chrono::steady_clock::now();
    watched.push('a', Hurry::soon);
    CHECK(watched.served(1) == "a");
    CHECK(std::chrono::steady_clock::now() - pushed >= store::Lane::linger_max);
}

TEST_CASE("a job in a hurry takes those that came before along, in their order") {
    Watched watched;
    for (char const name : {'a', 'b', 'c'}) watched.push(name, Hurry::soon);
    watched.push('d', Hurry::now);
    CHECK(watched.served(4) == "abcd");
}

TEST_CASE("a full batch without hurry does not wait") {
    Watched watched;
    for (std::size_t i = 0; i < store::Lane::batch_max; ++i) watched.push('x', Hurry::soon);
    CHECK(watched.served(store::Lane::batch_max).size() == store::Lane::batch_max);
}

TEST_CASE("a closing lane serves what it holds at once") {
    std::string order;
    {
        test::TempFolder folder;
        store::Lane lane{"lane", std::make_unique<store::Session>(folder.path / "boni.db", store::Session::Mode::writer), 0ms,
                         [](store::Session&, store::Jobs& jobs) { for (auto& job : jobs) job->done(nullptr); }};
        for (char const name : {'a', 'b'}) CHECK_FALSE(lane.push(std::make_unique<Noted>(name, [&order](char done) { order += done; }), Hurry::soon));
    }
    CHECK(order == "ab");
}
