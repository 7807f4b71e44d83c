// The two ends of a server's configuration that live outside of it: the listening socket and the PEM file. Thread: any.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/task.hpp"
#include "http/request.hpp"

namespace boni::http {

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

/// Errc::unavailable with the address.
Result<Acceptor> listen_tcp(asio::any_io_executor where, Address const& address);
/// A socket file nobody listens on is replaced; one in use, or a file of another kind, is Errc::unavailable. Mode 0660.
Result<Acceptor> listen_unix(asio::any_io_executor where, std::string const& path);

/// As bound; all zero for a Unix domain socket.
Address local_of(Acceptor const& acceptor);
/// Of an endpoint as accepted; an IPv4 peer of an IPv6 socket is an IPv4 address, all zero for a Unix domain socket.
Address remote_of(asio::generic::stream_protocol::endpoint const& endpoint);
/// Errc::internal when the kernel does not tell.
Result<PeerCredentials> credentials_of(int socket);

/// TLS 1.2 and later, ALPN http/1.1; key, leaf and chain from one PEM file. Errc::unavailable with the file.
Result<std::shared_ptr<asio::ssl::context>> load_tls(std::string const& pem_file);

}  // namespace boni::http
