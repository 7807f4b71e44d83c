#include "egress/web_socket.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "base/allowance.hpp"
#include "base/bell.hpp"
#include "egress/connect.hpp"
#include "egress/doorway.hpp"
#include "egress/exchange.hpp"

namespace boni::egress {

// What Beast asks of a stream that ends, found by the argument's namespace.
inline void beast_close_socket(Doorway& doorway) { beast_close_socket(doorway.connection().lowest()); }
template <class Handler>
void async_teardown(boost::beast::role_type role, Doorway& doorway, Handler&& handler) {
    doorway.connection().tear_down(role, {std::forward<Handler>(handler), doorway.get_executor()});
}

namespace {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
namespace ws = boost::beast::websocket;

// Read at once; without it Beast makes room for what a frame's header announces, 2^62 bytes too.
constexpr std::size_t piece_max = 64 * 1024;
constexpr int kernel_keeps = 64 * 1024;                   // bytes unsent: what a slow peer has not read waits, and is dropped, with us
constexpr std::chrono::milliseconds close_max{2'000};     // for the peer's close frame; then the connection is dropped
constexpr double pings_rate = 100, pings_burst = 8'000;   // pings and pongs of a peer a second, and at once
constexpr std::uint16_t no_code = 1005, no_frame = 1006;  // RFC 6455 7.4.1

std::unexpected<Error> lost(boost::system::error_code error) {
    return fail(Errc::unavailable, "the connection was lost: " + error.message(), {}, "connect");
}

class Socket final : public WebSocket {
  public:
    Socket(std::unique_ptr<Connection> connection, std::size_t message_max)
        : connection_{std::move(connection)}, doorway_{connection_, message_max}, message_max_{message_max} {}
    ~Socket() override { drop(); }

    void drop() override {
        boost::system::error_code ignored;
        connection_->lowest().socket().close(ignored);
    }

    Task<Result<>> upgrade(Url url, WebSocketRequest request) {
        connection_->lowest().expires_never();             // the caller's limit rules
        stream_.read_message_max(0);                       // ours, in `read`: the caller has a last word before the close
        stream_.text(true);
        stream_.auto_fragment(false);
        stream_.set_option(ws::stream_base::decorator([&request](ws::request_type& out) {
            for (auto const& [name, value] : request.headers) out.set(name, value);
        }));
        stream_.control_callback([this](ws::frame_type type, beast::string_view) {
            last_frame_ = std::chrono::steady_clock::now();
            if (type == ws::frame_type::close) peer_closed_ = true;
            else if (!pings_.take(last_frame_)) floods_ = true;
        });
        ws::response_type answer;
        boost::system::error_code error;
        auto const limit = dropped_after(request.limit);
        co_await stream_.async_handshake(answer, url.authority(), url.target, asio::redirect_error(asio::use_awaitable, error));
        last_frame_ = std::chrono::steady_clock::now();
        auto const declined = doorway_.declined();
        if (is_redirect(declined)) {
            count_refusal("redirect", Use::wss);
            co_return fail(Errc::unavailable, "the upgrade was redirected", {}, "redirect_blocked");
        }
        if (declined != 0) co_return fail(Errc::unavailable, "the upgrade was declined", {}, "http_" + std::to_string(declined));
        if (error && error.category() == ws::make_error_code(ws::error::closed).category())
            co_return fail(Errc::unavailable, "not an upgrade: " + error.message(), {}, "protocol");
        if (error) co_return lost(error);
        if (answer.count(bhttp::field::sec_websocket_extensions) != 0 || answer.count(bhttp::field::sec_websocket_protocol) != 0)
            co_return fail(Errc::unavailable, "an extension or subprotocol that was not offered", {}, "protocol");
        co_return Result<>{};
    }

    Task<Result<Message>> read() override {
        buffer_.clear();
        boost::system::error_code error;
        do {
            // Beast's close reads on by itself, and asserts that nobody begins to read a message of which it has taken the rest.
            if (closing_) co_return co_await goodbye();
            co_await stream_.async_read_some(buffer_, piece_max, asio::redirect_error(asio::use_awaitable, error));
            last_frame_ = std::chrono::steady_clock::now();
            auto const announced = doorway_.too_large() && !stream_.is_message_done();   // not by a message that is still to come
            if (!error && (announced || buffer_.size() > message_max_)) co_return fail(Errc::limit, "a message is too large", {}, "too_large");
        } while (!error && !stream_.is_message_done());
        // Who has said goodbye may be gone before our echo: servers that close their socket at once reset it, as what we sent is unread.
        if (error == ws::error::closed || (error && peer_closed_)) {
            closed_ = stream_.reason().code == ws::close_code::none ? no_code : std::uint16_t(stream_.reason().code);
            co_return fail(Errc::unavailable, "the peer closed", {}, "closed");
        }
        // Beast does not know 1014, a gateway that lost its bot, and keeps to itself which code it did not know.
        if (error == ws::error::bad_close_code) co_return lost(error);
        if (error && error.category() == ws::make_error_code(ws::error::closed).category())
            co_return fail(Errc::unavailable, "not WebSocket: " + error.message(), {}, "protocol");
        if (error) co_return lost(error);
        auto const bytes = buffer_.cdata();
        co_return Message{{static_cast<char const*>(bytes.data()), bytes.size()}, stream_.got_text()};
    }

    Task<Result<>> write(std::string_view text) override {
        boost::system::error_code error;
        co_await stream_.async_write(asio::const_buffer{text.data(), text.size()}, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return lost(error);
        co_return Result<>{};
    }

    Task<Result<>> ping() override {
        boost::system::error_code error;
        co_await stream_.async_ping({}, asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return lost(error);
        co_return Result<>{};
    }

    Task<> close(std::uint16_t code) override {
        boost::system::error_code ignored;
        closing_ = true;
        // Beast reads on until the peer's close frame, and a peer that floods us keeps it reading, cancelled or not.
        auto const limit = dropped_after(close_max);
        co_await stream_.async_close(ws::close_reason{code}, asio::redirect_error(asio::use_awaitable, ignored));
        closed_by_us_ = true;
        close_over_.ring();
    }

    std::uint16_t close_code() const override { return closed_; }
    Steady last_frame() const override { return last_frame_; }
    bool floods() const override { return floods_; }

  private:
    /// While it lives; for what cannot be cancelled, or is just between two system calls when it is.
    asio::steady_timer dropped_after(std::chrono::milliseconds limit) {
        asio::steady_timer timer{connection_->get_executor(), limit};
        timer.async_wait([connection = connection_](boost::system::error_code over) {   // may run when we are gone: both ended in one turn
            boost::system::error_code gone;
            if (!over) connection->lowest().socket().close(gone);
        });
        return timer;
    }
    /// A read while we close: ends with it.
    Task<Result<Message>> goodbye() {
        if (!closed_by_us_) co_await close_over_.rung();
        co_return lost(asio::error::operation_aborted);
    }

    std::shared_ptr<Connection> const connection_;
    Doorway doorway_;
    std::size_t const message_max_;
    ws::stream<Doorway&, false> stream_{doorway_};         // false: no compression, not even compiled in
    beast::flat_buffer buffer_;
    bool peer_closed_ = false;
    bool closing_ = false, closed_by_us_ = false;          // a close has begun; it is over
    Bell close_over_{connection_->get_executor()};
    std::uint16_t closed_ = no_frame;
    Steady last_frame_{};
    Allowance pings_{pings_rate, pings_burst};
    bool floods_ = false;
};

}  // namespace

struct WebSocketClient::Inner {
    Policy const& policy;
    Resolver& resolver;
    Dialer* dialer;
    TcpDialer tcp{};
    ssl::context tls = make_tls(policy.ca_file);

    Task<Result<std::unique_ptr<WebSocket>>> attempt(WebSocketRequest request, Url url);
};

WebSocketClient::WebSocketClient(Policy const& policy, Resolver& resolver) : inner_{new Inner{policy, resolver, nullptr}} {}
WebSocketClient::WebSocketClient(Policy const& policy, Resolver& resolver, Dialer& dialer) : inner_{new Inner{policy, resolver, &dialer}} {}
WebSocketClient::~WebSocketClient() = default;

Task<Result<std::unique_ptr<WebSocket>>> WebSocketClient::open(WebSocketRequest request) {
    auto url = check_url(request.url, inner_->policy, Use::wss);
    if (!url) co_return fail(Errc::forbidden, "the destination is not allowed", {}, "egress_blocked");
    auto const limit = request.limit;
    auto socket = co_await within(limit, inner_->attempt(std::move(request), *std::move(url)));
    if (!socket && socket.error().code == Errc::timeout && socket.error().token.empty()) socket.error().token = "timeout";
    co_return socket;
}

Task<Result<std::unique_ptr<WebSocket>>> WebSocketClient::Inner::attempt(WebSocketRequest request, Url url) {
    CO_TRY(auto vetted, co_await resolve_vetted(resolver, policy, url, Use::wss));
    ConnectTimes times;
    CO_TRY(auto connection, co_await connect(dialer ? *dialer : tcp, tls, policy, url, Use::wss, std::move(vetted), request.limit, times));
    boost::system::error_code ignored;
    connection->lowest().socket().set_option(asio::socket_base::send_buffer_size{kernel_keeps}, ignored);
    auto socket = std::make_unique<Socket>(std::move(connection), request.message_max);
    CO_CHECK_OK(co_await socket->upgrade(std::move(url), std::move(request)));
    co_return std::unique_ptr<WebSocket>{std::move(socket)};
}

}  // namespace boni::egress
