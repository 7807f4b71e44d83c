#include "base/task.hpp"

#include <stdexcept>

#include "support/run_task.hpp"

using namespace boni;

namespace {

Task<Result<int>> answers(int value) { co_return value; }
Task<Result<int>> throws() {
    throw std::runtime_error{"broken"};
    co_return 0;
}
Task<Result<int>> throws_later() {
    co_await wait_for(1ms);
    co_return co_await throws();
}
Task<Result<int>> never() {
    co_await wait_for(1h);
    co_return 0;
}

}  // namespace

TEST_CASE("within: the answer, or a timeout") {
    asio::io_context io;
    CHECK(*test::run(io, within(5s, answers(7))) == 7);
    CHECK(test::run(io, within(1ms, never())).error().code == Errc::timeout);
}

TEST_CASE("within: an exception is no timeout, and is not waited past") {
    for (auto* const broken : {&throws, &throws_later}) {
        asio::io_context io;
        auto const began = std::chrono::steady_clock::now();
        std::optional<Result<int>> never;
        CHECK_THROWS_WITH(test::run_to_end(io, keep(within(1min, broken()), never)), "broken");
        CHECK(std::chrono::steady_clock::now() - began < 10s);
    }
}
