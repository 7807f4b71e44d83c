#include "base/bell.hpp"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>

#include "base/cancelled.hpp"
#include "support/run_task.hpp"

using namespace boni;

namespace {

struct Stage {
    asio::io_context io;
    std::optional<Bell> bell{io.get_executor()};
    int heard = 0;

    Task<> one_ring(std::optional<std::chrono::steady_clock::duration> limit = {}) {
        if (limit) co_await bell->rung_within(*limit);
        else co_await bell->rung();
        ++heard;
    }
    Task<> for_ever() {
        for (;;) co_await bell->rung();
    }
    void run() {
        io.restart();
        io.poll();
    }
};

}  // namespace

TEST_CASE("a ring wakes all that wait, and nobody who comes later") {
    Stage stage;
    stage.bell->ring();
    for (auto i = 0; i < 3; ++i) spawn(stage.io.get_executor(), "test", stage.one_ring());
    stage.run();
    CHECK(stage.heard == 0);
    stage.bell->ring();
    CHECK(stage.heard == 0);   // from the executor, not from within `ring`
    stage.run();
    CHECK(stage.heard == 3);
}

TEST_CASE("a wait ends at its deadline, and the next one has its own") {
    Stage stage;
    auto const began = std::chrono::steady_clock::now();
    CHECK(test::run_to_end(stage.io, stage.bell->rung_within(5ms)));
    CHECK(std::chrono::steady_clock::now() - began >= 5ms);
    spawn(stage.io.get_executor(), "test", stage.one_ring());
    stage.run();
    CHECK(stage.heard == 0);
    stage.bell->ring();
    stage.run();
    CHECK(stage.heard == 1);
}

TEST_CASE("a ring comes before the deadline") {
    Stage stage;
    spawn(stage.io.get_executor(), "test", stage.one_ring(1h));
    stage.run();
    CHECK(stage.heard == 0);
    stage.bell->ring();
    stage.run();
    CHECK(stage.heard == 1);
}

TEST_CASE("a bell that goes wakes who waits") {
    Stage stage;
    spawn(stage.io.get_executor(), "test", stage.one_ring());
    stage.run();
    stage.bell.reset();
    stage.run();
    CHECK(stage.heard == 1);
}

TEST_CASE("who waits in a loop and is cancelled leaves it") {
    Stage stage;
    asio::cancellation_signal cancel;
    std::exception_ptr escaped;
    asio::co_spawn(stage.io, stage.for_ever(), asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr what) { escaped = std::move(what); }));
    stage.run();
    cancel.emit(asio::cancellation_type::terminal);
    stage.run();
    REQUIRE(escaped);
    CHECK(was_cancelled(escaped));
}
