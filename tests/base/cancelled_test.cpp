#include "base/cancelled.hpp"

#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>

#include "base/task.hpp"

using namespace boni;

namespace {

Task<> wait_for_two() {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer one{co_await asio::this_coro::executor, Steady::max()}, other{co_await asio::this_coro::executor, Steady::max()};
    co_await (one.async_wait(asio::use_awaitable) || other.async_wait(asio::use_awaitable));
}

}  // namespace

TEST_CASE("what escapes a task that was cancelled while it awaited two things is no error") {
    asio::io_context io;
    asio::cancellation_signal cancel;
    std::exception_ptr escaped;
    asio::co_spawn(io, wait_for_two(), asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr what) { escaped = std::move(what); }));
    io.poll();
    cancel.emit(asio::cancellation_type::terminal);
    io.restart();
    io.run();
    REQUIRE(escaped);
    CHECK(was_cancelled(escaped));
}

TEST_CASE("anything else that escapes is one") {
    CHECK(was_cancelled(std::make_exception_ptr(boost::system::system_error{asio::error::operation_aborted})));
    CHECK_FALSE(was_cancelled(std::make_exception_ptr(boost::system::system_error{asio::error::eof})));
    CHECK_FALSE(was_cancelled(std::make_exception_ptr(std::runtime_error{"broken"})));
}
