// The stream under a WebSocket, for what Beast does not notice. Who declines the upgrade has said all with the head of the answer: Beast reads
// its body as well, and one without a length and with the connection left open has no end; so behind such a head comes the end of the stream.
// Who begins a message that is too large has said enough with the head of its frame: Beast waits for the first byte of its payload; so
// when the peer has sent none, there is one. Who answers 100 or 103 first has not answered yet (RFC 9110 15.2): Beast takes that for a refusal,
// and does not see it. Who sends frames that are no messages, pings or pieces of a message without an end, is read on and on: so no faster than
// anybody needs. Thread: the connection's.
#pragma once

#include "base/allowance.hpp"
#include "egress/connection.hpp"
#include "egress/frame_heads.hpp"

namespace boni::egress {

class Doorway {
  public:
    using executor_type = Connection::executor_type;

    Doorway(std::shared_ptr<Connection> connection, std::size_t message_max)
        : connection_{std::move(connection)}, seen_{std::make_shared<Seen>(message_max)} {}

    Connection& connection() { return *connection_; }
    /// The status of an answer that is no upgrade; 0: it is one, or no head came, or none that could be read.
    unsigned declined() const { return seen_->declined; }
    /// A message has begun that will have more than `message_max` bytes.
    bool too_large() const { return seen_->frames.too_large(); }

    executor_type get_executor() { return connection_->get_executor(); }
    template <class Sequence, class Token>
    auto async_read_some(Sequence const& buffers, Token&& token) {
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, Pieces<asio::mutable_buffer> into) { read(into, {std::move(handler), get_executor()}); }, token,
            Pieces<asio::mutable_buffer>{buffers});
    }
    template <class Sequence, class Token>
    auto async_write_some(Sequence const& buffers, Token&& token) {
        return connection_->async_write_some(buffers, std::forward<Token>(token));
    }

  private:
    struct Seen {
        explicit Seen(std::size_t message_max);
        /// How many of the bytes that came are for Beast: none while they may be of an answer before the one that counts.
        std::size_t take(Pieces<asio::mutable_buffer> const& into, std::size_t bytes);
        bool skip_interim();
        std::size_t give(Pieces<asio::mutable_buffer> const& into);
        void look(std::string_view piece);

        std::string held;                    ///< has come and was not given yet
        int interims = 0;
        bool passing = false;                ///< the answer that counts has begun: all that comes is given
        std::string head;                    ///< of the answer
        bool head_complete = false;          ///< or longer than anybody reads
        unsigned declined = 0;
        FrameHeads frames;
        bool woken = false;                  ///< Beast has had a byte of the message that is too large
        std::uint64_t paced = 0;             ///< of `frames.begun()`
        Allowance pace;
    };
    void read(Pieces<asio::mutable_buffer> into, Connection::Moved done);
    static void read_on(std::shared_ptr<Connection> connection, std::shared_ptr<Seen> seen, Pieces<asio::mutable_buffer> into, Connection::Moved done);

    std::shared_ptr<Connection> connection_; ///< shared, both, with a read that ends after us
    std::shared_ptr<Seen> seen_;
};

}  // namespace boni::egress
