#include "http/listen.hpp"

#include <cstring>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.hpp"

namespace boni::http {

namespace {

using boost::system::error_code;
using Endpoint = asio::generic::stream_protocol::endpoint;

std::unexpected<Error> cannot(std::string const& what, std::string const& why) { return fail(Errc::unavailable, what + ": " + why); }

/// Nobody listens there: what is left of a process that is gone.
Result<> remove_stale(std::string const& path, sockaddr_un const& address) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) return {};
    if (!S_ISSOCK(found.st_mode)) return cannot(path, "exists and is not a socket");
    Fd const probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!probe) return cannot(path, std::strerror(errno));
    auto const refused = ::connect(probe.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0 && errno == ECONNREFUSED;
    if (!refused) return cannot(path, "somebody listens there already");
    if (::unlink(path.c_str()) != 0) return cannot(path, std::strerror(errno));
    return {};
}

}  // namespace

Result<Acceptor> listen_tcp(asio::any_io_executor where, Address const& address) {
    sockaddr_storage raw;
    auto const length = address.to(raw);
    Acceptor acceptor{where};
    error_code failed;
    acceptor.open(asio::generic::stream_protocol{address.family, IPPROTO_TCP}, failed);
    if (!failed) acceptor.set_option(Acceptor::reuse_address{true}, failed);
    if (!failed) acceptor.bind(Endpoint{&raw, length}, failed);
    if (!failed) acceptor.listen(Acceptor::max_listen_connections, failed);
    if (failed) return cannot(address.text(), failed.message());
    return acceptor;
}

Result<Acceptor> listen_unix(asio::any_io_executor where, std::string const& path) {
    sockaddr_un raw{.sun_family = AF_UNIX, .sun_path = {}};
    if (path.size() >= sizeof raw.sun_path) return cannot(path, "longer than a socket's path may be");
    path.copy(raw.sun_path, path.size());
    CHECK_OK(remove_stale(path, raw));
    Acceptor acceptor{where};
    error_code failed;
    acceptor.open(asio::generic::stream_protocol{AF_UNIX, 0}, failed);
    // Before bind, so that there is no moment in which others may connect; again behind it, as the umask took bits away.
    if (!failed && ::fchmod(acceptor.native_handle(), 0660) != 0) failed.assign(errno, boost::system::system_category());
    if (!failed) acceptor.bind(Endpoint{&raw, sizeof raw}, failed);
    if (!failed && ::chmod(path.c_str(), 0660) != 0) failed.assign(errno, boost::system::system_category());
    if (!failed) acceptor.listen(Acceptor::max_listen_connections, failed);
    if (failed) return cannot(path, failed.message());
    return acceptor;
}

Address local_of(Acceptor const& acceptor) {
    error_code failed;
    auto const endpoint = acceptor.local_endpoint(failed);
    return failed ? Address{} : remote_of(endpoint);
}

Address remote_of(Endpoint const& endpoint) {
    auto const family = endpoint.data()->sa_family;
    if (family != AF_INET && family != AF_INET6) return {};
    auto out = Address::from(reinterpret_cast<sockaddr const*>(endpoint.data()));
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};   // ::ffff:0:0/96, RFC 4291 2.5.5.2
    if (family == AF_INET6 && std::ranges::equal(mapped, std::span{out.ip}.first(12))) {
        Address four{.family = AF_INET, .port = out.port};
        std::copy_n(out.ip.begin() + 12, 4, four.ip.begin());
        return four;
    }
    return out;
}

Result<PeerCredentials> credentials_of(int socket) {
    ucred found{};
    socklen_t size = sizeof found;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) return fail(Errc::internal, std::strerror(errno));
    return PeerCredentials{.uid = found.uid, .gid = found.gid, .pid = found.pid};
}

Result<std::shared_ptr<asio::ssl::context>> load_tls(std::string const& pem_file) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    error_code failed;
    auto* const raw = context->native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Without it OpenSSL asks the terminal for the passphrase of an encrypted key.
    context->set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string{}; }, failed);
    context->use_certificate_chain_file(pem_file, failed);
    if (!failed) context->use_private_key_file(pem_file, asio::ssl::context::pem, failed);
    if (failed) return cannot(pem_file, failed.message());
    if (SSL_CTX_check_private_key(raw) != 1) return cannot(pem_file, "the key does not belong to the certificate");
    SSL_CTX_set_alpn_select_cb(raw, [](SSL*, unsigned char const** out, unsigned char* size, unsigned char const* offered, unsigned length, void*) {
        static constexpr unsigned char known[] = "\x08http/1.1";
        auto const chosen = SSL_select_next_proto(const_cast<unsigned char**>(out), size, known, sizeof known - 1, offered, length);
        return chosen == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
    }, nullptr);
    return context;
}

}  // namespace boni::http
