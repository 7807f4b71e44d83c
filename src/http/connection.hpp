// One accepted connection, plain or TLS, with one deadline for whatever it waits for.
//
// Thread: control. Owner: its session; the deadline's callback holds it weakly, as it may come a turn of the loop later.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.hpp"

namespace boni::http {

/// TCP and Unix domain sockets alike.
using Socket = asio::generic::stream_protocol::socket;

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    /// `tls` empty: plain. The context may be replaced for others meanwhile: it is kept.
    Connection(Socket socket, std::shared_ptr<asio::ssl::context> tls);

    /// What is waited for from now on fails with Errc::timeout after `limit`.
    void expire_in(std::chrono::milliseconds limit);
    void never_expire();

    /// Nothing to do on a plain connection. Errc::unavailable when the peer does not speak TLS or goes away.
    Task<Result<>> handshake();
    /// At least one byte into `into`, which outlives the task. Errc::unavailable when the peer closed.
    Task<Result<std::size_t>> read_some(asio::mutable_buffer into);
    /// All of `bytes`, which outlive the task.
    Task<Result<>> write(std::string_view bytes);
    /// Says goodbye and, behind an answer, waits a little for the peer's: closing on bytes we have not read would reset the
    /// connection, and the answer with it.
    enum class Last { answer, nothing };
    Task<> finish(Last said);

    void close();

  private:
    void wake_at(Steady at);
    void cancel();
    Error failure(boost::system::error_code const& code) const;
    Result<> outcome(boost::system::error_code const& code) const;

    std::shared_ptr<asio::ssl::context> context_;
    Socket plain_;                                       // moved into tls_ when there is one
    std::optional<asio::ssl::stream<Socket>> tls_;
    asio::steady_timer timer_;
    Steady due_ = Steady::max();
    Steady wakes_ = Steady::max();                       // when timer_ looks whether it is late; never after due_
    bool late_ = false;

    Socket& socket() { return tls_ ? tls_->next_layer() : plain_; }
};

}  // namespace boni::http
