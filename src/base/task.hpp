// Coroutines on the control thread: Task, deadlines, detached starts.
// Parameters of a coroutine are taken by value, or by reference to something that outlives it.
#pragma once

#include <chrono>
#include <optional>
#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/redirect_error.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace boni {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

/// Waits; returns early, without an error, when the surrounding operation is cancelled.
Task<> wait_for(std::chrono::steady_clock::duration time);

/// Starts `task` on `where` and logs what escapes it under `name`: the one way to run something detached.
void spawn(asio::any_io_executor where, std::string_view name, Task<> task);

/// Runs `work` beside a timer and cancels the loser; too late is Errc::timeout.
/// Every await that leaves the process goes through it.
template <class T>
Task<Result<T>> within(std::chrono::steady_clock::duration limit, Task<Result<T>> work) {
    using namespace asio::experimental::awaitable_operators;
    auto first = co_await (std::move(work) || wait_for(limit));
    if (first.index() == 0) co_return std::get<0>(std::move(first));
    co_return fail(Errc::timeout, "no answer in time");
}

}  // namespace boni
