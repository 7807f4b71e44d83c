// A customer's bot: a WebSocket server on a thread of its own that keeps what it hears and does what a script says.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <doctest/doctest.h>

#include "base/json.hpp"
#include "base/task.hpp"

namespace boni::test {

class Bot {
  public:
    using Socket = boost::beast::websocket::stream<asio::ip::tcp::socket>;
    /// One connection of a test, in the order they come; `socket` is upgraded. Ends the connection when it returns.
    using Script = std::function<void(Bot& bot, Socket& socket)>;

    explicit Bot(std::vector<Script> scripts) : scripts_{std::move(scripts)}, thread_{[this] { serve(); }} {}
    ~Bot() {
        boost::system::error_code ignored;
        stopping_ = true;
        asio::io_context io;
        asio::ip::tcp::socket{io}.connect(acceptor_.local_endpoint(), ignored);   // ends the wait for a connection
        thread_.join();
    }
    std::string url(std::string_view scheme = "ws") const {
        return std::string{scheme} + "://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/media?tenant=1";
    }

    /// In a script: the next message, which is kept too.
    json::object hear(Socket& socket) {
        boost::beast::flat_buffer buffer;
        socket.read(buffer);
        auto const message = json::parse(boost::beast::buffers_to_string(buffer.data()))->as_object();
        std::lock_guard const lock{mutex_};
        heard_.push_back(message);
        changed_.notify_all();
        return message;
    }
    /// In a script: hears until the peer has closed.
    void hear_out(Socket& socket) {
        try {
            for (;;) hear(socket);
        } catch (boost::system::system_error const&) {
            std::lock_guard const lock{mutex_};
            close_codes_.push_back(socket.reason().code);
            changed_.notify_all();
        }
    }
    static void say(Socket& socket, std::string_view text) {
        socket.text(true);
        socket.write(asio::buffer(text));
    }
    std::vector<json::object> heard(std::size_t count) {
        std::unique_lock lock{mutex_};
        REQUIRE(changed_.wait_for(lock, 5s, [&] { return heard_.size() >= count; }));
        return heard_;
    }
    std::size_t count() {
        std::lock_guard const lock{mutex_};
        return heard_.size();
    }
    /// What it has heard so far of one kind.
    std::vector<json::object> said(std::string_view event) {
        std::lock_guard const lock{mutex_};
        std::vector<json::object> out;
        for (auto const& one : heard_)
            if (json::text(one, "event") == event) out.push_back(one);
        return out;
    }
    std::vector<int> close_codes(std::size_t count) {
        std::unique_lock lock{mutex_};
        REQUIRE(changed_.wait_for(lock, 5s, [&] { return close_codes_.size() >= count; }));
        return close_codes_;
    }
    std::string header(std::string_view name) {
        std::lock_guard const lock{mutex_};
        return std::string{request_[name]};
    }

  private:
    void serve() {
        for (auto const& script : scripts_) {
            asio::ip::tcp::socket raw{io_};
            acceptor_.accept(raw);
            if (stopping_) return;
            Socket socket{std::move(raw)};
            boost::beast::flat_buffer buffer;
            boost::beast::http::request<boost::beast::http::string_body> request;
            try {
                boost::beast::http::read(socket.next_layer(), buffer, request);
                {
                    std::lock_guard const lock{mutex_};
                    request_ = request;
                }
                socket.accept(request);
                script(*this, socket);
            } catch (boost::system::system_error const&) {
                // The peer is gone; what it said is kept.
            }
        }
    }

    std::vector<Script> scripts_;
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
    std::atomic<bool> stopping_ = false;
    std::mutex mutex_;                       // guards the four below
    std::condition_variable changed_;
    std::vector<json::object> heard_;
    std::vector<int> close_codes_;
    boost::beast::http::request<boost::beast::http::string_body> request_;
    std::thread thread_;                     // last: it starts when all else is there
};

}  // namespace boni::test
