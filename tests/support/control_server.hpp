// A customer's control server on loopback: plain HTTP/1.1 with keep-alive, answers by script, remembers what it was asked.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/task.hpp"

namespace boni::test {

class ControlServer {
  public:
    struct Asked {
        std::map<std::string, std::string> headers;    ///< names in lower case
        std::string body;
        Steady at{};
    };
    struct Reply {
        int status = 200;
        std::string body;
        std::string content_type = "application/json";
        std::chrono::milliseconds after{0};            ///< so long it thinks
    };

    /// `script` answers the nth question, from 0.
    ControlServer(asio::io_context& io, std::function<Reply(std::size_t)> script)
        : acceptor_{io, {asio::ip::make_address("127.0.0.1"), 0}}, script_{std::move(script)} {
        spawn(io.get_executor(), "control server", accept());
    }

    std::string url(std::string path = "/decide") const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path; }
    std::vector<Asked> asked;

  private:
    using Socket = asio::ip::tcp::socket;

    Task<> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            auto const where = socket.get_executor();
            spawn(where, "control server", serve(std::move(socket)));
        }
    }

    Task<> serve(Socket socket) {
        boost::beast::flat_buffer buffer;
        for (;;) {
            namespace http = boost::beast::http;
            http::request<http::string_body> request;
            boost::system::error_code over;
            co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, over));
            if (over) co_return;
            auto const reply = script_(remember(request));
            if (reply.after > 0ms) co_await wait_for(reply.after);
            http::response<http::string_body> response{http::status(reply.status), 11};
            if (!reply.body.empty()) response.set(http::field::content_type, reply.content_type);
            response.body() = reply.body;
            response.prepare_payload();
            response.keep_alive(true);
            co_await http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, over));
            if (over) co_return;
        }
    }

    std::size_t remember(auto const& request) {
        Asked one{.body = request.body(), .at = std::chrono::steady_clock::now()};
        for (auto const& field : request) {
            auto name = std::string{field.name_string()};
            std::ranges::transform(name, name.begin(), [](unsigned char byte) { return char(std::tolower(byte)); });
            one.headers[name] = std::string{field.value()};
        }
        asked.push_back(std::move(one));
        return asked.size() - 1;
    }

    asio::ip::tcp::acceptor acceptor_;
    std::function<Reply(std::size_t)> script_;
};

}  // namespace boni::test
