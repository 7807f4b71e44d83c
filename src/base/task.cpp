#include "base/task.hpp"

#include <exception>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/cancelled.hpp"
#include "base/log.hpp"

namespace boni {

Task<> wait_for(std::chrono::steady_clock::duration time) {
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

namespace {

/// Over is over: beside a timer, an exception alone would be waited past (`||` wants the first success).
Task<> caught(Task<> work, std::exception_ptr& escaped) {
    try {
        co_await std::move(work);
    } catch (...) {
        if (was_cancelled(std::current_exception())) throw;   // the timer won, or the surrounding operation was cancelled
        escaped = std::current_exception();
    }
}

}  // namespace

Task<bool> in_time(std::chrono::steady_clock::duration limit, Task<> work) {
    using namespace asio::experimental::awaitable_operators;
    std::exception_ptr escaped;
    auto const first = (co_await (caught(std::move(work), escaped) || wait_for(limit))).index();
    if (escaped) std::rethrow_exception(escaped);
    co_return first == 0;
}

void spawn(asio::any_io_executor where, std::string_view name, Task<> task) {
    asio::co_spawn(where, std::move(task), [name = std::string{name}](std::exception_ptr escaped) {
        if (!escaped || was_cancelled(escaped)) return;
        try {
            std::rethrow_exception(escaped);
        } catch (std::exception const& error) {
            log_error(name, error.what());
        }
    });
}

}  // namespace boni
