// Threads for work that blocks: files, DNS of the system, decoding, child processes. The control thread awaits.
#pragma once

#include <functional>

#include <boost/asio/thread_pool.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.hpp"

namespace boni {

/// Owner: App. `run` resumes on the executor that awaited; it cannot be cancelled, so what the work refers to
/// stays alive until it is done. Bounded by the caller: each user of the pool names its own limit.
class Pool {
  public:
    explicit Pool(std::size_t threads) : pool_{threads} {}
    ~Pool() { join(); }
    void join() { pool_.join(); }

    template <class Work>
    auto run(Work work) -> Task<std::invoke_result_t<Work>> {
        using Value = std::invoke_result_t<Work>;
        auto const home = co_await asio::this_coro::executor;
        if constexpr (std::is_void_v<Value>) {
            co_await start<void(std::exception_ptr)>(home, std::move(work));
        } else {
            co_return co_await start<void(std::exception_ptr, Value)>(home, std::move(work));
        }
    }

  private:
    template <class Signature, class Work>
    auto start(asio::any_io_executor home, Work work) {
        return asio::async_initiate<decltype(asio::use_awaitable) const, Signature>(
            [this, home](auto handler, Work job) {
                auto guard = asio::make_work_guard(home);
                asio::post(pool_, [handler = std::move(handler), job = std::move(job), home, guard = std::move(guard)]() mutable {
                    using Value = std::invoke_result_t<Work>;
                    std::exception_ptr escaped;
                    if constexpr (std::is_void_v<Value>) {
                        try { job(); } catch (...) { escaped = std::current_exception(); }
                        asio::post(home, [handler = std::move(handler), escaped]() mutable { handler(escaped); });
                    } else {
                        std::optional<Value> value;
                        try { value.emplace(job()); } catch (...) { escaped = std::current_exception(); }
                        asio::post(home, [handler = std::move(handler), escaped, value = std::move(value)]() mutable {
                            if (!value) value.emplace(Value{});  // never seen: the exception is rethrown to the awaiter
                            handler(escaped, std::move(*value));
                        });
                    }
                });
            },
            asio::use_awaitable, std::move(work));
    }

    asio::thread_pool pool_;
};

}  // namespace boni
