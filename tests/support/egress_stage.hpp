// Public names and addresses on one loopback server: a resolver with a script, a dialer that notes whom it was asked to dial, and
// a server that answers with raw bytes. All on one io_context.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <doctest/doctest.h>

#include "egress/connect.hpp"
#include "egress/http_client.hpp"
#include "support/run_task.hpp"

namespace boni::test {

class ScriptedResolver final : public egress::Resolver {
  public:
    /// Successive answers of one name; the last one repeats. An empty one: no such name.
    std::map<std::string, std::deque<std::vector<std::string>>> answers;
    int asked = 0;

    Task<Result<std::vector<Address>>> resolve(std::string name) override {
        ++asked;
        auto const found = answers.find(name);
        if (found == answers.end() || found->second.empty() || found->second.front().empty())
            co_return fail(Errc::unavailable, "no such name", {}, "dns");
        std::vector<Address> out;
        for (auto const& text : found->second.front()) out.push_back(*Address::parse(text, 0));
        if (found->second.size() > 1) found->second.pop_front();
        co_return out;
    }
};

class LoopbackDialer final : public egress::Dialer {
  public:
    explicit LoopbackDialer(std::uint16_t port) : port_{port} {}
    std::vector<Address> dialled;
    std::vector<std::string> dead;   ///< addresses that refuse
    std::chrono::milliseconds slow{0};

    Task<Result<egress::tcp::socket>> dial(Address address) override {
        dialled.push_back(address);
        if (slow > 0ms) co_await wait_for(slow);
        if (std::ranges::find(dead, address.ip_text()) != dead.end()) co_return fail(Errc::unavailable, "refused", {}, "connect");
        co_return co_await egress::TcpDialer{}.dial(*Address::parse("127.0.0.1", port_));
    }

  private:
    std::uint16_t port_;
};

/// Answers each request with the next of `replies` (the last repeats), then keeps the connection or closes it.
class RawServer {
  public:
    struct Reply {
        std::string bytes;
        bool close = false;
        std::chrono::milliseconds pause_in_middle{0};   ///< half of the bytes, a pause, the rest
        std::chrono::milliseconds pause{0};             ///< before the first
    };
    RawServer(asio::io_context& io, std::string const& pem_file = {}) : acceptor_{io, {asio::ip::address_v4::loopback(), 0}} {
        if (!pem_file.empty()) {
            tls_.emplace(asio::ssl::context::tls_server);
            tls_->use_certificate_chain_file(pem_file);
            tls_->use_private_key_file(pem_file, asio::ssl::context::pem);
        }
        spawn(io.get_executor(), "raw server", accept());
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::deque<Reply> replies;
    std::vector<std::string> requests;
    int connections = 0;
    int ended = 0;                                      ///< connections whose client has gone

  private:
    Task<> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
            ++connections;
            if (!tls_) spawn(acceptor_.get_executor(), "raw connection", serve(std::make_shared<asio::ip::tcp::socket>(std::move(socket))));
            else spawn(acceptor_.get_executor(), "raw connection", shake(std::make_shared<asio::ssl::stream<asio::ip::tcp::socket>>(std::move(socket), *tls_)));
        }
    }
    Task<> shake(std::shared_ptr<asio::ssl::stream<asio::ip::tcp::socket>> stream) {
        boost::system::error_code error;
        co_await stream->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
        if (!error) co_await serve(stream);
    }
    template <class Stream>
    Task<> serve(std::shared_ptr<Stream> stream) {
        std::string in;
        boost::system::error_code error;
        for (;;) {
            auto const end = co_await asio::async_read_until(*stream, asio::dynamic_buffer(in), "\r\n\r\n",
                                                             asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
            auto const at = in.find("Content-Length: ");
            auto const body = at < end ? std::stoul(in.substr(at + 16)) : 0;
            auto const whole = end + body;
            if (in.size() < whole)
                co_await asio::async_read(*stream, asio::dynamic_buffer(in), asio::transfer_exactly(whole - in.size()), asio::use_awaitable);
            requests.push_back(in.substr(0, whole));
            in.erase(0, whole);
            auto const reply = replies.front();
            if (replies.size() > 1) replies.pop_front();
            if (reply.pause > 0ms) co_await wait_for(reply.pause);
            auto const half = reply.pause_in_middle > 0ms ? reply.bytes.size() / 2 : 0;
            if (half > 0) {
                co_await asio::async_write(*stream, asio::buffer(reply.bytes.data(), half), asio::redirect_error(asio::use_awaitable, error));
                co_await wait_for(reply.pause_in_middle);
            }
            co_await asio::async_write(*stream, asio::buffer(reply.bytes.data() + half, reply.bytes.size() - half),
                                       asio::redirect_error(asio::use_awaitable, error));
            if (reply.close) co_return;
            if (error) break;
        }
        ++ended;
    }
    asio::ip::tcp::acceptor acceptor_;
    std::optional<asio::ssl::context> tls_;
};

/// One client, one server on loopback that stands for every public name.
struct ClientStage {
    static constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    asio::io_context io;
    ScriptedResolver resolver;
    RawServer server{io};
    LoopbackDialer dialer{server.port()};
    egress::Policy policy;
    egress::HttpClient client{io.get_executor(), policy, resolver, dialer};

    ClientStage() {
        resolver.answers["hook.example.com"] = {{"93.184.215.14"}};
        server.replies = {{ok}};
    }
    Result<egress::HttpResponse> send(egress::HttpRequest request = {}) {
        request.use = egress::Use::http;
        if (request.url.empty()) request.url = "http://hook.example.com/path?q=1";
        return run(io, client.send(std::move(request)));
    }
};

}  // namespace boni::test
