// A coroutine run to its end on a loop of the test's own. What spawns it is compiled once (run_task.cpp), not for every answer's type.
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

}  // namespace boni::test
