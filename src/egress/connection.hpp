// A connected stream, TLS or not, of one type: what is composed over it (HTTP, WebSocket) is compiled once, and not once more for each
// kind of handler. It models Asio's AsyncReadStream and AsyncWriteStream. Thread: the executor's of its socket.
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "base/address.hpp"
#include "base/task.hpp"

namespace boni::egress {

using tcp = asio::ip::tcp;
namespace ssl = asio::ssl;

/// The completion of one operation without its type; keeps its executor and its cancellation slot.
template <class... Results>
class Completion {
  public:
    using executor_type = asio::any_io_executor;
    using cancellation_slot_type = asio::cancellation_slot;

    template <class Handler>
    Completion(Handler&& handler, executor_type const& otherwise)
        : executor_{asio::get_associated_executor(handler, otherwise)}, slot_{asio::get_associated_cancellation_slot(handler)},
          call_{std::forward<Handler>(handler)} {}
    void operator()(Results... results) { std::exchange(call_, nullptr)(results...); }
    executor_type get_executor() const noexcept { return executor_; }
    cancellation_slot_type get_cancellation_slot() const noexcept { return slot_; }

  private:
    executor_type executor_;
    cancellation_slot_type slot_;
    std::move_only_function<void(Results...)> call_;
};

/// The first pieces of a buffer sequence; a read or write of "some" need not take more.
template <class Buffer>
class Pieces {
  public:
    template <class Sequence>
    explicit Pieces(Sequence const& from) {
        for (auto at = asio::buffer_sequence_begin(from); at != asio::buffer_sequence_end(from) && count_ < pieces_.size(); ++at)
            if (Buffer const piece{*at}; piece.size() > 0) pieces_[count_++] = piece;
    }
    Buffer const* begin() const { return pieces_.data(); }
    Buffer const* end() const { return pieces_.data() + count_; }

  private:
    std::array<Buffer, 8> pieces_{};
    std::size_t count_ = 0;
};

/// Not copied, not moved while an operation is in flight.
class Connection {
  public:
    using Plain = boost::beast::tcp_stream;
    using Tls = boost::beast::ssl_stream<Plain>;
    using executor_type = Plain::executor_type;
    using Moved = Completion<boost::system::error_code, std::size_t>;
    using Ended = Completion<boost::system::error_code>;

    Connection(tcp::socket socket, Address peer);
    Connection(tcp::socket socket, Address peer, ssl::context& tls);

    Address const& peer() const { return peer_; }
    Plain& lowest();
    Tls* tls() { return std::get_if<Tls>(&stream_); }   ///< null without TLS
    /// Idle and still open, as far as the kernel knows: nothing to read, no end. Does not block.
    bool quiet();

    executor_type get_executor() { return lowest().get_executor(); }
    template <class Sequence, class Token>
    auto async_read_some(Sequence const& buffers, Token&& token) {
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, Pieces<asio::mutable_buffer> into) { read(into, {std::move(handler), get_executor()}); }, token,
            Pieces<asio::mutable_buffer>{buffers});
    }
    template <class Sequence, class Token>
    auto async_write_some(Sequence const& buffers, Token&& token) {
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, Pieces<asio::const_buffer> from) { write(from, {std::move(handler), get_executor()}); }, token,
            Pieces<asio::const_buffer>{buffers});
    }
    /// What both come to, for a stream on top that has its handler in this form already.
    void read(Pieces<asio::mutable_buffer> into, Moved done);
    void write(Pieces<asio::const_buffer> from, Moved done);
    /// The end of a WebSocket's connection, TLS's close_notify included (RFC 6455 7.1.1); at most 2 s, then it is closed.
    /// Without an error, however the peer ends it.
    void tear_down(boost::beast::role_type role, Ended done);

  private:
    Address peer_;
    std::variant<Plain, Tls> stream_;
    std::shared_ptr<Connection*> alive_ = std::make_shared<Connection*>(this);   ///< the wait of `tear_down` holds it weakly
};

}  // namespace boni::egress
