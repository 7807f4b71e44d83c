// Coroutines on one thread, the control thread or one of its own like that of the streams: Task, deadlines, detached starts.
// Parameters of a coroutine are taken by value, or by reference to something that outlives it.
#pragma once

#include <chrono>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
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

/// Runs `work` beside a timer and cancels the loser: whether `work` came first. What it throws before is thrown. For `within`; compiled once.
Task<bool> in_time(std::chrono::steady_clock::duration limit, Task<> work);

/// What `work` returns goes to `out`, which outlives it: for what is compiled once and knows no type.
template <class T>
Task<> keep(Task<T> work, std::optional<T>& out) {
    out.emplace(co_await std::move(work));
}

/// The answer of `work`; too late is Errc::timeout. Every await that leaves the process goes through it.
template <class T>
Task<Result<T>> within(std::chrono::steady_clock::duration limit, Task<Result<T>> work) {
    std::optional<Result<T>> answer;
    if (co_await in_time(limit, keep(std::move(work), answer))) co_return *std::move(answer);
    co_return fail(Errc::timeout, "no answer in time");
}

}  // namespace boni
