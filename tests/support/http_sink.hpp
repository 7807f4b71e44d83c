// A customer's server on loopback, asked or told by us: HTTP/1.1 with keep-alive, answers as a script says, remembers what came.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "base/task.hpp"

namespace boni::test {

/// Thread: the loop's. Lives as long as the loop runs.
class HttpSink {
  public:
    struct Post {
        std::string path;
        std::map<std::string, std::string> headers;    ///< names in lower case
        std::string body;
        Steady at{};
    };
    struct Reply {
        int status = 200;
        std::vector<std::pair<std::string, std::string>> headers;
        std::string body;
        std::chrono::milliseconds after{0};            ///< so long it thinks
        bool never = false;                            ///< keeps the connection and says nothing
        bool close = false;                            ///< after the answer
    };

    /// With TLS when there is a file of key and chain.
    explicit HttpSink(asio::io_context& io, std::string const& pem_file = {}) : acceptor_{io, {asio::ip::make_address("127.0.0.1"), 0}} {
        if (!pem_file.empty()) {
            tls_.emplace(asio::ssl::context::tls_server);
            tls_->use_certificate_chain_file(pem_file);
            tls_->use_private_key_file(pem_file, asio::ssl::context::pem);
        }
        spawn(io.get_executor(), "http sink", accept());
    }
    std::string url(std::string path = "/hook") const {
        return (tls_ ? "https" : "http") + std::string{"://127.0.0.1:"} + std::to_string(acceptor_.local_endpoint().port()) + path;
    }

    std::function<Reply(Post const&)> script = [](Post const&) { return Reply{}; };
    std::function<void()> on_post = [] {};             ///< after a post was remembered
    bool remember = true;
    std::vector<Post> posts;
    std::size_t count = 0;
    std::size_t connections = 0;
    std::size_t at_once = 0;                           ///< posts being answered now, and the most of them ever
    std::size_t at_once_max = 0;

  private:
    using Tls = asio::ssl::stream<asio::ip::tcp::socket>;

    Task<> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            ++connections;
            auto const where = socket.get_executor();
            if (tls_) spawn(where, "http sink", shake(Tls{std::move(socket), *tls_}));
            else spawn(where, "http sink", serve(std::move(socket)));
        }
    }

    Task<> shake(Tls stream) {
        boost::system::error_code over;
        co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, over));
        if (!over) co_await serve(std::move(stream));
    }

    template <class Stream>
    Task<> serve(Stream socket) {
        namespace http = boost::beast::http;
        boost::beast::flat_buffer buffer;
        for (;;) {
            http::request<http::string_body> request;
            boost::system::error_code over;
            co_await http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, over));
            if (over) co_return;
            at_once_max = std::max(at_once_max, ++at_once);
            Post post{std::string{request.target()}, {}, std::move(request.body()), std::chrono::steady_clock::now()};
            for (auto const& field : request) {
                std::string name{field.name_string()};
                std::ranges::transform(name, name.begin(), [](unsigned char byte) { return char(std::tolower(byte)); });
                post.headers[name] = std::string{field.value()};
            }
            auto const reply = script(post);
            ++count;
            if (remember) posts.push_back(std::move(post));
            on_post();
            if (reply.never) {
                char byte;                             // until the other side gives up
                co_await socket.async_read_some(asio::buffer(&byte, 1), asio::redirect_error(asio::use_awaitable, over));
                --at_once;
                co_return;
            }
            if (reply.after > 0ms) co_await wait_for(reply.after);
            http::response<http::string_body> response{http::status(reply.status), 11, reply.body};
            for (auto const& [name, value] : reply.headers) response.set(name, value);
            response.prepare_payload();
            response.keep_alive(!reply.close);
            --at_once;
            co_await http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, over));
            if (over || reply.close) co_return;
        }
    }

    asio::ip::tcp::acceptor acceptor_;
    std::optional<asio::ssl::context> tls_;
};

}  // namespace boni::test
