#include "egress/connection.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/beast/websocket/ssl.hpp>

namespace boni::egress {
namespace {

constexpr auto patience = 2s;   // for a peer that says goodbye and leaves its connection open

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
    auto const deadline = std::make_shared<asio::steady_timer>(executor, patience);   // whoever is left waits for it no more
    deadline->async_wait([deadline, alive = std::weak_ptr{alive_}](boost::system::error_code over) {
        auto const connection = alive.lock();
        if (over || !connection) return;
        boost::system::error_code ignored;
        (*connection)->lowest().socket().close(ignored);
    });
    // Goodbye has been said: a reset, a missing close_notify or a word too many behind it change nothing of that.
    auto ended = [deadline, done = std::move(done)](boost::system::error_code) mutable {
        deadline->cancel();
        done(boost::system::error_code{});
    };
    Ended bounded{asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(ended))), executor};
    std::visit([&](auto& stream) { async_teardown(role, stream, std::move(bounded)); }, stream_);
}

}  // namespace boni::egress
