// An http::Server on a thread of its own, on loopback or a Unix domain socket.
#pragma once

#include <future>
#include <thread>

#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include "http/server.hpp"
#include "support/raw_http.hpp"

namespace boni::test {

class RunningServer {
  public:
    explicit RunningServer(http::Handler handler, http::Limits limits = {}, http::ServerConfig config = {}) {
        config.limits = limits;
        if (config.unix_socket.empty()) config.listen = *Address::parse("127.0.0.1", 0);
        server.emplace(io.get_executor(), system_clock(), std::move(config), std::move(handler));
        auto const started = server->start();
        REQUIRE_MESSAGE(started, started.error().what);
        address = server->local();
        thread_ = std::thread{[this] { io.run(); }};
    }
    ~RunningServer() {
        on_control([this] { server.reset(); });
        guard_.reset();
        thread_.join();
    }

    /// Runs it on the control thread and waits.
    template <class Work>
    std::invoke_result_t<Work> on_control(Work work) {
        auto const task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
        auto done = task->get_future();
        asio::post(io, [task] { (*task)(); });
        return done.get();
    }
    std::future<void> drain(std::chrono::milliseconds limit) { return asio::co_spawn(io, server->drain(limit), asio::use_future); }
    std::size_t connections() {
        return on_control([this] { return server->connections(); });
    }
    /// Waits, with a deadline, for the server to have so many.
    bool has_connections(std::size_t count) {
        auto const deadline = std::chrono::steady_clock::now() + 5s;
        while (connections() != count) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::yield();
        }
        return true;
    }

    asio::io_context io{1};
    std::optional<http::Server> server;
    Address address;

  private:
    asio::executor_work_guard<asio::io_context::executor_type> guard_{io.get_executor()};
    std::thread thread_;
};

}  // namespace boni::test
