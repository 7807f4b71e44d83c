#include "base/shares.hpp"

#include <doctest/doctest.h>

#include "support/run_task.hpp"

using namespace boni;

namespace {

struct SharesStage {
    asio::io_context io;
    TenantId const a = TenantId::fresh({});
    TenantId const b = TenantId::fresh({});
    Shares shares;
    std::vector<std::string> order;

    explicit SharesStage(ShareLimits limits) : shares{io.get_executor(), limits} {}

    Shares::Place took(TenantId tenant, std::size_t units) {
        auto place = test::run(io, shares.take(std::move(tenant), units));
        REQUIRE(place);
        return *std::move(place);
    }
    /// Waits in the background, and writes its name when it has its turn, or the error's token.
    void queue(TenantId tenant, std::size_t units, std::string name) { spawn(io.get_executor(), "test", wait(std::move(tenant), units, std::move(name))); }
    Task<> wait(TenantId tenant, std::size_t units, std::string name) {
        auto place = co_await shares.take(std::move(tenant), units);
        order.push_back(place ? name : name + ' ' + place.error().token);
    }
    void settle() {
        io.restart();
        io.poll();
    }
};

}  // namespace

TEST_CASE("a tenant that has its share waits, and another tenant does not") {
    SharesStage stage{{.all = 40, .tenant = 20, .patience = 5s, .waiting_max = 8}};
    auto held = stage.took(stage.a, 20);
    stage.queue(stage.a, 1, "a");
    stage.settle();
    CHECK(stage.shares.waiting() == 1);
    auto const other = stage.took(stage.b, 20);
    CHECK(stage.order.empty());
    held = {};
    stage.settle();
    CHECK(stage.order == std::vector<std::string>{"a"});
    CHECK(stage.shares.taken() == 20);
}

TEST_CASE("of those that wait the tenant with the least goes first, and what is large is not overtaken") {
    SharesStage stage{{.all = 30, .tenant = 30, .patience = 5s, .waiting_max = 8}};
    auto held = stage.took(stage.a, 10);
    auto rest = stage.took(stage.a, 20);
    stage.queue(stage.a, 20, "a large");
    stage.queue(stage.a, 5, "a small");
    stage.queue(stage.b, 15, "b");
    stage.settle();
    held = {};
    stage.settle();
    CHECK(stage.order.empty());   // 10 are free: b is next, and nobody takes them from it
    rest.shrink(5);
    stage.settle();
    CHECK(stage.order == std::vector<std::string>{"b", "a large", "a small"});
    CHECK(stage.shares.taken() == 5);
}

TEST_CASE("who waits too long or is one too many is told that it is overloaded") {
    SharesStage stage{{.all = 10, .tenant = 10, .patience = 20ms, .waiting_max = 4}};
    auto const held = stage.took(stage.a, 10);
    stage.queue(stage.b, 1, "first");
    stage.queue(stage.b, 1, "second");
    stage.settle();
    CHECK(stage.order == std::vector<std::string>{"second overloaded"});   // b's part of those that wait is one
    auto const late = test::run(stage.io, stage.shares.take(stage.a, 1));
    REQUIRE_FALSE(late);
    CHECK(late.error().code == Errc::limit);
    CHECK(late.error().token == "overloaded");
    stage.settle();
    CHECK(stage.order == std::vector<std::string>{"second overloaded", "first overloaded"});
    CHECK(stage.shares.waiting() == 0);
    CHECK(stage.shares.taken() == 10);
}

TEST_CASE("a wait that is given up leaves nothing behind, and more than a share is the whole share") {
    SharesStage stage{{.all = 40, .tenant = 10, .patience = 5s, .waiting_max = 8}};
    auto const held = stage.took(stage.a, 1000);
    CHECK(stage.shares.taken() == 10);
    auto const gone = test::run(stage.io, within(1ms, stage.shares.take(stage.a, 1)));
    REQUIRE_FALSE(gone);
    CHECK(gone.error().code == Errc::timeout);
    CHECK(stage.shares.waiting() == 0);
    CHECK(stage.shares.taken() == 10);
}
