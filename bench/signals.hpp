// What a session and its port say to one caller, waited for with a limit: what comes while the limit passes is there the next time.
// (`within(inbox.pop())` would lose it: when both are ready in one turn of the loop, the loser's value is gone.) Thread: the load's loop.
#pragma once

#include <deque>
#include <optional>

#include "base/task.hpp"

namespace boni::bench {

template <class T>
class Signals {
  public:
    explicit Signals(asio::any_io_executor where) : came_{where} {}

    void push(T signal) {
        waiting_.push_back(std::move(signal));
        came_.cancel();
    }
    Task<std::optional<T>> next(std::chrono::steady_clock::duration limit) {
        if (waiting_.empty()) {
            boost::system::error_code woken;
            came_.expires_after(limit);
            co_await came_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        if (waiting_.empty()) co_return std::nullopt;
        auto first = std::move(waiting_.front());
        waiting_.pop_front();
        co_return first;
    }

  private:
    std::deque<T> waiting_;
    asio::steady_timer came_;
};

}  // namespace boni::bench
