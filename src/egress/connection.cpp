#include "egress/connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace boni::egress {
namespace {

constexpr auto patience = 2s;   // for a peer that says goodbye and leaves its connection open

/// The wait for the peer's end of the connection; whoever is left waits for `deadline` no more.
struct TearDown {
    asio::steady_timer deadline;
    bool given_up = false;
};

}  // namespace

Connection::Connection(tcp::socket socket, Address peer) : peer_{peer}, stream_{std::in_place_type<Plain>, std::move(socket)} {}
Connection::Connection(tcp::socket socket, Address peer, ssl::context& tls)
    : peer_{peer}, stream_{std::in_place_type<Tls>, Plain{std::move(socket)}, tls} {}

Connection::Plain& Connection::lowest() {
    if (auto* const plain = std::get_if<Plain>(&stream_)) return *plain;
    return std::get<Tls>(stream_).next_layer();
}

bool Connection::quiet() {
    char byte = 0;
    auto const got = recv(lowest().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Connection::read(Pieces<asio::mutable_buffer> into, Moved done) {
    std::visit([&](auto& stream) { stream.async_read_some(into, std::move(done)); }, stream_);
}

void Connection::write(Pieces<asio::const_buffer> from, Moved done) {
    std::visit([&](auto& stream) { stream.async_write_some(from, std::move(done)); }, stream_);
}

void Connection::tear_down(boost::beast::role_type role, Ended done) {
    using boost::beast::async_teardown, boost::beast::websocket::async_teardown;
    auto const executor = done.get_executor();
    auto const slot = done.get_cancellation_slot();
    auto const state = std::make_shared<TearDown>(asio::steady_timer{executor, patience});
    state->deadline.async_wait([state, alive = std::weak_ptr{alive_}](boost::system::error_code over) {
        auto const connection = alive.lock();
        if (over || !connection) return;
        state->given_up = true;
        boost::system::error_code ignored;
        (*connection)->lowest().socket().close(ignored);
    });
    auto ended = [state, done = std::move(done)](boost::system::error_code error) mutable {
        state->deadline.cancel();
        done(state->given_up ? boost::system::error_code{} : error);   // said goodbye all the same
    };
    Ended bounded{asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(ended))), executor};
    std::visit([&](auto& stream) { async_teardown(role, stream, std::move(bounded)); }, stream_);
}

}  // namespace boni::egress
