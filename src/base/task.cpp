#include "base/task.hpp"

#include <exception>

#include "base/log.hpp"

namespace boni {

Task<> wait_for(std::chrono::steady_clock::duration time) {
    asio::steady_timer timer{co_await asio::this_coro::executor, time};
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
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
