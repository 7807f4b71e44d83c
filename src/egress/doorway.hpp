// The stream under a WebSocket. Who declines the upgrade has said all with the head of the answer: Beast reads its body as well, and one
// without a length and with the connection left open has no end. So behind such a head comes the end of the stream. Thread: control.
#pragma once

#include "egress/connection.hpp"

namespace boni::egress {

class Doorway {
  public:
    using executor_type = Connection::executor_type;

    explicit Doorway(Connection& connection) : connection_{connection} {}

    Connection& connection() { return connection_; }
    /// The status of an answer that is no upgrade; 0: it is one, or no head came, or none that could be read.
    unsigned declined() const { return head_->declined; }

    executor_type get_executor() { return connection_.get_executor(); }
    template <class Sequence, class Token>
    auto async_read_some(Sequence const& buffers, Token&& token) {
        return asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, Pieces<asio::mutable_buffer> into) { read(into, {std::move(handler), get_executor()}); }, token,
            Pieces<asio::mutable_buffer>{buffers});
    }
    template <class Sequence, class Token>
    auto async_write_some(Sequence const& buffers, Token&& token) {
        return connection_.async_write_some(buffers, std::forward<Token>(token));
    }

  private:
    struct Head {
        std::string text;
        bool complete = false;               ///< or longer than anybody reads
        unsigned declined = 0;

        void take(Pieces<asio::mutable_buffer> const& from, std::size_t bytes);
    };
    void read(Pieces<asio::mutable_buffer> into, Connection::Moved done);

    Connection& connection_;
    std::shared_ptr<Head> head_ = std::make_shared<Head>();   ///< shared with a read that ends after us
};

}  // namespace boni::egress
