// An inbox on one thread: bounded, posted to by the same thread, awaited by one task.
#pragma once

#include <boost/asio/experimental/channel.hpp>

#include "base/task.hpp"

namespace boni {

/// Single-threaded. `push` never waits: a full inbox refuses, and the text beside its bound says what that means.
template <class T>
class Inbox {
  public:
    Inbox(asio::any_io_executor where, std::size_t bound) : channel_{where, bound} {}

    bool push(T value) { return channel_.try_send(boost::system::error_code{}, std::move(value)); }
    /// Waits for the next value; throws operation_aborted when closed or cancelled.
    Task<T> pop() { co_return co_await channel_.async_receive(asio::use_awaitable); }
    void close() { channel_.close(); }

  private:
    asio::experimental::channel<void(boost::system::error_code, T)> channel_;
};

}  // namespace boni
