// A WebSocket to a customer's server (RFC 6455, client side): the same door as HTTP, an address vetted and checked like any other.
//
// Thread: the executor's that the client was made with; it need not be the control thread. One read, one write and one ping may be on
// their way at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "egress/resolver.hpp"
#include "egress/url.hpp"

namespace boni::egress {

class Dialer;

struct WebSocketRequest {
    std::string url;                                      ///< wss; ws where the policy allows loopback
    std::vector<std::pair<std::string, std::string>> headers;
    std::chrono::milliseconds limit{2'500};               ///< DNS, connect, TLS and upgrade together
    std::size_t message_max = 1024 * 1024;                ///< bytes of one incoming message, all its frames
};

class WebSocket {
  public:
    virtual ~WebSocket() = default;                       ///< drops the connection; what is on its way ends with an error

    struct Message {
        std::string_view bytes;                           ///< until the next read
        bool text = true;
    };
    /// The next whole message; pings are answered meanwhile. Errors: token `closed` (the peer's close frame came and was echoed;
    /// `close_code` has it), `too_large` (only `close` may follow), `protocol` (it was told so), `connect` (lost without a close frame,
    /// or with one whose code is 1014 or nobody's).
    virtual Task<Result<Message>> read() = 0;
    /// One text message in one frame. Errors: token `connect`.
    virtual Task<Result<>> write(std::string_view text) = 0;
    virtual Task<Result<>> ping() = 0;
    /// Sends a close frame; the echo ends the `read` that is on its way. Without one the connection is dropped after 2 s.
    virtual Task<> close(std::uint16_t code) = 0;

    /// Nothing more is said: whatever is on its way ends at once with an error, be it one that cannot be cancelled.
    virtual void drop() = 0;

    virtual std::uint16_t close_code() const = 0;         ///< the peer's; 1005 for a frame without one, 1006 without a frame
    virtual Steady last_frame() const = 0;                ///< when anything of the peer arrived, pongs included
    virtual bool floods() const = 0;                      ///< the peer has sent more pings and pongs than anybody needs
};

class WebSocketClient {
  public:
    /// Policy and resolver outlive the client; the resolver is of the same executor. Throws std::runtime_error when the policy's CA
    /// file cannot be used.
    WebSocketClient(Policy const& policy, Resolver& resolver);
    WebSocketClient(Policy const& policy, Resolver& resolver, Dialer& dialer);
    ~WebSocketClient();

    /// No redirect, no subprotocol, no extension. The error's token is what a timeline shows: `egress_blocked`, `dns`, `connect`,
    /// `tls`, `timeout`, `redirect_blocked`, `http_<status>` (the upgrade was declined), `protocol` (it was not what we asked for).
    Task<Result<std::unique_ptr<WebSocket>>> open(WebSocketRequest request);

  private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace boni::egress
