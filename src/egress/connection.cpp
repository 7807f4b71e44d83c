#include "egress/connection.hpp"

#include <boost/beast/websocket/ssl.hpp>

namespace boni::egress {

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
    std::visit([&](auto& stream) { async_teardown(role, stream, std::move(done)); }, stream_);
}

}  // namespace boni::egress
