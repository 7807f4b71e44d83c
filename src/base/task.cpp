#include "base/task.hpp"

#include <exception>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/log.hpp"

namespace boni {

Task<> wait_for(std::chrono::steady_clock::duration time) {
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

Task<bool> in_time(std::chrono::steady_clock::duration limit, Task<> work) {
    using namespace asio::experimental::awaitable_operators;
    co_return (co_await (std::move(work) || wait_for(limit))).index() == 0;
}

void spawn(asio::any_io_executor where, std::string_view name, Task<> task) {
    asio::co_spawn(where, std::move(task), [name = std::string{name}](std::exception_ptr escaped) {
        if (!escaped) return;
        try {
            std::rethrow_exception(escaped);
        } catch (boost::system::system_error const& error) {
            if (error.code() != asio::error::operation_aborted) log_error(name, error.what());
        } catch (std::exception const& error) {
            log_error(name, error.what());
        }
    });
}

}  // namespace boni
