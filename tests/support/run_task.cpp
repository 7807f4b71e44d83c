#include "support/run_task.hpp"

namespace boni::test {

bool run_to_end(asio::io_context& io, Task<> task) {
    auto done = false;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr escaped) {
        done = true;
        if (escaped) std::rethrow_exception(escaped);
    });
    io.restart();
    auto const deadline = std::chrono::steady_clock::now() + 10s;
    while (!done && io.run_one_until(deadline) > 0) {}
    return done;
}

}  // namespace boni::test
