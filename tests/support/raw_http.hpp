// HTTP/1.1 as bytes: a client that sends exactly what a test writes, over TCP, TLS or a Unix domain socket. Blocks its own thread,
// with a deadline on every read.
#pragma once

#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/address.hpp"

namespace boni::test {

struct Answer {
    int status = 0;                                      ///< 0: the server closed without one
    std::map<std::string, std::string> headers;          ///< names in lower case
    std::string body;
    bool has(std::string const& name) const { return headers.count(name) > 0; }
    std::string at(std::string const& name) const { return has(name) ? headers.at(name) : std::string{}; }
};

class RawHttp {
  public:
    explicit RawHttp(Address const& to) {
        sockaddr_storage raw;
        auto const size = to.to(raw);
        open(to.family, reinterpret_cast<sockaddr*>(&raw), size);
        int const on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    explicit RawHttp(std::string const& unix_path) {
        sockaddr_un raw{.sun_family = AF_UNIX, .sun_path = {}};
        unix_path.copy(raw.sun_path, sizeof raw.sun_path - 1);
        open(AF_UNIX, reinterpret_cast<sockaddr*>(&raw), sizeof raw);
    }
    ~RawHttp() {
        tls_.reset();
        if (socket_ >= 0) ::close(socket_);
    }
    RawHttp(RawHttp const&) = delete;

    /// True when the server's chain is signed by `ca_file` and is for this name; anything later is encrypted.
    bool start_tls(std::string const& ca_file, char const* host, int version_max = TLS1_3_VERSION) {
        std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> const context{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
        SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_max_proto_version(context.get(), version_max);
        tls_.reset(SSL_new(context.get()));
        SSL_set1_host(tls_.get(), host);
        static constexpr unsigned char offered[] = "\x02h2\x08http/1.1";
        SSL_set_alpn_protos(tls_.get(), offered, sizeof offered - 1);
        SSL_set_fd(tls_.get(), socket_);
        return SSL_connect(tls_.get()) == 1;
    }
    std::string alpn() const {
        unsigned char const* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(tls_.get(), &name, &size);
        return {reinterpret_cast<char const*>(name), size};
    }

    /// False when the server has closed; everything is written otherwise.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            auto const size = tls_ ? SSL_write(tls_.get(), bytes.data(), int(bytes.size()))
                                   : int(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
            if (size <= 0) return false;
            bytes.remove_prefix(std::size_t(size));
        }
        return true;
    }
    void half_close() { ::shutdown(socket_, SHUT_WR); }
    /// With a reset instead of a goodbye.
    void vanish() {
        linger const at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::close(std::exchange(socket_, -1));
    }

    /// The next answer, its body by Content-Length; `head`: none comes, whatever the length says.
    Answer answer(bool head = false) {
        while (!unread_.contains("\r\n\r\n"))
            if (!more()) return {};
        Answer out;
        auto const end = unread_.find("\r\n\r\n");
        std::string_view rest{unread_.data(), end + 2};
        auto const first = rest.substr(0, rest.find("\r\n"));
        REQUIRE(first.starts_with("HTTP/1.1 "));
        std::from_chars(first.data() + 9, first.data() + first.size(), out.status);
        for (rest.remove_prefix(first.size() + 2); !rest.empty(); rest.remove_prefix(rest.find("\r\n") + 2)) {
            auto const line = rest.substr(0, rest.find("\r\n"));
            auto const colon = line.find(": ");
            REQUIRE(colon != std::string_view::npos);
            std::string name{line.substr(0, colon)};
            std::ranges::transform(name, name.begin(), [](unsigned char byte) { return char(std::tolower(byte)); });
            CHECK_MESSAGE(!out.has(name), "twice: ", name);
            out.headers[name] = line.substr(colon + 2);
        }
        unread_.erase(0, end + 4);
        if (!head && out.at("transfer-encoding") == "chunked") return read_chunks(std::move(out));
        auto const size = head || !out.has("content-length") ? 0 : std::stoul(out.at("content-length"));
        while (unread_.size() < size)
            if (!more()) return {};
        out.body = unread_.substr(0, size);
        unread_.erase(0, size);
        return out;
    }
    Answer ask(std::string_view bytes) {
        send(bytes);
        return answer(bytes.starts_with("HEAD "));
    }
    /// The server ends the connection, within the deadline, and sends nothing more.
    bool closed() {
        if (!unread_.empty()) return false;
        auto const size = receive();
        return size == 0 || (size < 0 && errno != EAGAIN);
    }

    /// What comes until the server ends the connection.
    std::string rest() {
        while (more()) {}
        return std::exchange(unread_, {});
    }

  private:
    /// Status 0 when the connection ended before the last chunk.
    Answer read_chunks(Answer out) {
        for (;;) {
            while (!unread_.contains("\r\n"))
                if (!more()) return {};
            auto const size = std::stoul(unread_, nullptr, 16);
            unread_.erase(0, unread_.find("\r\n") + 2);
            while (unread_.size() < size + 2)
                if (!more()) return {};
            out.body += unread_.substr(0, size);
            unread_.erase(0, size + 2);
            if (size == 0) return out;
        }
    }
    void open(int family, sockaddr const* to, socklen_t size) {
        socket_ = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(socket_ >= 0);
        timeval const deadline{.tv_sec = 5, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
        REQUIRE(::connect(socket_, to, size) == 0);
    }
    long receive() { return tls_ ? SSL_read(tls_.get(), chunk_, sizeof chunk_) : ::recv(socket_, chunk_, sizeof chunk_, 0); }
    bool more() {
        auto const size = receive();
        if (size > 0) unread_.append(chunk_, std::size_t(size));
        return size > 0;
    }

    int socket_ = -1;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls_{nullptr, &SSL_free};
    char chunk_[16 * 1024];
    std::string unread_;
};

}  // namespace boni::test
