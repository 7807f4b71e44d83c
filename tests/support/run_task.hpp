// A loop of the test's own, run until something has happened: a coroutine to its end, or whatever is waited for. What spawns the coroutine
// is compiled once (run_task.cpp), not for every answer's type.
#pragma once

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "base/task.hpp"

namespace boni::test {

/// Runs `io` until `task` is done, at most 10 s; false when it was not. What it throws comes out.
bool run_to_end(asio::io_context& io, Task<> task);

template <class T>
T run(asio::io_context& io, Task<T> task) {
    std::optional<T> out;
    REQUIRE_MESSAGE(run_to_end(io, keep(std::move(task), out)), "nothing happened within 10 s");
    return *std::move(out);
}

/// Runs `io` until `done` says so, at most `limit`; whether it does.
template <class Done>
bool run_until(asio::io_context& io, Done done, std::chrono::steady_clock::duration limit = 10s) {
    auto const deadline = std::chrono::steady_clock::now() + limit;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
        io.restart();
        io.run_one_for(50ms);
    }
    return done();
}

}  // namespace boni::test
