#include "http/server.hpp"

#include <set>

#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/bell.hpp"
#include "base/cancelled.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "http/listen.hpp"
#include "http/session.hpp"

namespace boni::http {

namespace {

using boost::system::error_code;

constexpr std::size_t turned_away_max = 64;              // at once; beyond it a connection is closed without the 503
constexpr auto accept_pause = 100ms;                     // when the process is out of descriptors

}  // namespace

/// Everything but the handle: the acceptor's coroutine and the sessions hold it.
struct Server::Inner : std::enable_shared_from_this<Inner> {
    Inner(asio::any_io_executor control, Clock& clock, ServerConfig given, Handler handler)
        : where{control}, config{std::move(given)}, gone{control},
          service{std::make_shared<Service>(clock, config.limits, std::move(handler))} {}

    Result<> start();
    Task<> accept();
    void welcome(Socket socket, Address remote);
    bool make_room();
    void close_acceptor();
    void stop_sessions();

    asio::any_io_executor where;
    ServerConfig config;
    std::optional<Acceptor> acceptor;
    Address local;
    std::shared_ptr<asio::ssl::context> tls;             // replaced by reload; sessions keep theirs
    std::set<std::shared_ptr<Session>> sessions;
    std::size_t turned_away = 0;                         // of these, those that only get their 503
    Bell gone;                                           // rings when the last session is
    std::shared_ptr<Service> service;
};

Server::Server(asio::any_io_executor control, Clock& clock, ServerConfig config, Handler handler)
    : inner_{std::make_shared<Inner>(std::move(control), clock, std::move(config), std::move(handler))} {}

Server::~Server() { stop(); }

Result<> Server::start() { return inner_->start(); }

Address Server::local() const { return inner_->local; }

std::size_t Server::connections() const { return inner_->sessions.size() - inner_->turned_away; }

Result<> Server::reload_tls() {
    if (inner_->config.tls_pem_file.empty()) return {};
    TRY(inner_->tls, load_tls(inner_->config.tls_pem_file));
    return {};
}

Task<> Server::drain(std::chrono::milliseconds limit) {
    auto const inner = inner_;                           // the server may go while we wait
    inner->close_acceptor();
    inner->service->draining = true;
    for (auto const& session : inner->sessions) session->close_if_idle();
    if (!inner->sessions.empty()) co_await inner->gone.rung_within(limit);
    inner->stop_sessions();
}

void Server::stop() {
    inner_->close_acceptor();
    inner_->service->draining = true;
    inner_->stop_sessions();
}

Result<> Server::Inner::start() {
    if (!config.tls_pem_file.empty()) {
        TRY(tls, load_tls(config.tls_pem_file));
    }
    if (config.unix_socket.empty() && !config.listen) return fail(Errc::unavailable, "there is no address to listen on");
    TRY(acceptor, config.unix_socket.empty() ? listen_tcp(where, *config.listen) : listen_unix(where, config.unix_socket));
    local = local_of(*acceptor);
    auto const self = shared_from_this();
    spawn(where, "http", [](std::shared_ptr<Inner> inner) -> Task<> { co_await inner->accept(); }(self));
    return {};
}

Task<> Server::Inner::accept() {
    while (acceptor->is_open()) {
        error_code failed;
        asio::generic::stream_protocol::endpoint from;
        auto socket = co_await acceptor->async_accept(from, asio::redirect_error(asio::use_awaitable, failed));
        if (!acceptor->is_open()) co_return;
        if (!failed) {
            welcome(std::move(socket), remote_of(from));
        } else if (failed != asio::error::connection_aborted) {
            log_warning("http", "accepting failed", {{"reason", failed.message()}});
            co_await wait_for(accept_pause);
        }
    }
}

void Server::Inner::welcome(Socket socket, Address remote) {
    Session::Peer peer{.remote = remote, .credentials = std::nullopt, .tls = tls != nullptr};
    if (!config.unix_socket.empty()) {
        auto credentials = credentials_of(socket.native_handle());
        if (!credentials) return log_warning("http", "peer without credentials", {{"reason", credentials.error().what}});
        peer.credentials = *credentials;
    } else {
        error_code ignored;
        socket.set_option(asio::ip::tcp::no_delay{true}, ignored);   // an answer is one write: nothing to wait for
    }
    auto full = sessions.size() - turned_away >= config.limits.connections_max;
    if (full) full = !make_room();
    if (full && turned_away >= turned_away_max) return;
    turned_away += full;
    auto const session = std::make_shared<Session>(service, std::make_shared<Connection>(std::move(socket), tls), std::move(peer));
    sessions.insert(session);
    auto const over = [self = shared_from_this(), session, full](std::exception_ptr escaped) {
        self->sessions.erase(session);
        self->turned_away -= full;
        if (self->sessions.empty()) self->gone.ring();
        try {
            if (escaped) std::rethrow_exception(escaped);
        } catch (std::exception const& error) {
            if (!was_cancelled(escaped)) log_error("http", error.what(), {{"peer", session->peer_text()}});
        }
    };
    asio::co_spawn(where, full ? session->turn_away() : session->run(), asio::bind_cancellation_slot(session->stop_slot(), over));
}

/// False when nobody can be sent away.
bool Server::Inner::make_room() {
    auto* const one = service->waiting.who_goes();
    if (!one) return false;
    static auto& displaced = metrics::counter("boni_http_connections_displaced_total", "Silent connections closed for new ones at the limit");
    displaced.Increment();
    one->stop();
    return true;
}

/// A copy: a session that ends takes itself off the set.
void Server::Inner::stop_sessions() {
    for (auto const& session : std::vector(sessions.begin(), sessions.end())) session->stop();
}

void Server::Inner::close_acceptor() {
    if (!acceptor || !acceptor->is_open()) return;
    error_code ignored;
    acceptor->close(ignored);
    if (!config.unix_socket.empty()) ::unlink(config.unix_socket.c_str());
}

}  // namespace boni::http
