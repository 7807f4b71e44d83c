#include "http/connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace boni::http {

namespace {

using boost::system::error_code;

constexpr std::chrono::milliseconds farewell{2'000};     // for the peer to read our last answer and close
constexpr std::chrono::milliseconds short_farewell{100}; // for close_notify to be written to an idle peer
constexpr std::chrono::milliseconds again{5};
constexpr std::size_t farewell_bytes_max = 1024 * 1024;  // of a body nobody wanted

}  // namespace

Connection::Connection(Socket socket, std::shared_ptr<asio::ssl::context> tls)
    : context_{std::move(tls)}, plain_{std::move(socket)}, timer_{plain_.get_executor()} {
    if (context_) {
        tls_.emplace(std::move(plain_), *context_);
    } else {
        error_code ignored;
        plain_.non_blocking(true, ignored);              // for the write that is tried at once
    }
}

void Connection::expire_in(std::chrono::milliseconds limit) {
    late_ = false;
    due_ = std::chrono::steady_clock::now() + limit;
    // A request moves its deadline four times and rarely meets it: a timer that comes too early looks again.
    if (due_ < wakes_) wake_at(due_);
}

void Connection::never_expire() {
    late_ = false;
    due_ = Steady::max();
}

Task<Result<>> Connection::handshake() {
    if (!tls_) co_return Result<>{};
    error_code failed;
    co_await tls_->async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, failed));
    if (failed || late_) co_return std::unexpected(failure(failed));
    co_return Result<>{};
}

Task<Result<std::size_t>> Connection::read_some(asio::mutable_buffer into) {
    if (late_) co_return std::unexpected(failure({}));
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    auto const size = tls_ ? co_await tls_->async_read_some(into, std::move(token)) : co_await plain_.async_read_some(into, std::move(token));
    if (failed) co_return std::unexpected(failure(failed));
    co_return size;
}

Task<Result<>> Connection::write(std::string_view bytes) {
    if (late_) co_return std::unexpected(failure({}));
    error_code failed;
    auto buffer = asio::buffer(bytes.data(), bytes.size());
    // Behind what else has come: clients that asked together are woken together, which costs less than each of them alone.
    co_await asio::post(timer_.get_executor(), asio::use_awaitable);
    // An answer nearly always fits the socket's buffer: no operation has to be waited for.
    if (!tls_) buffer += plain_.write_some(buffer, failed);
    if (failed == asio::error::would_block) failed.clear();
    if (failed || buffer.size() == 0) co_return outcome(failed);
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    if (tls_) {
        co_await asio::async_write(*tls_, buffer, std::move(token));
    } else {
        co_await asio::async_write(plain_, buffer, std::move(token));
    }
    co_return outcome(failed);
}

Task<> Connection::finish(Last said) {
    if (said == Last::nothing && !tls_) co_return close();
    expire_in(said == Last::answer ? farewell : short_farewell);
    error_code over;
    if (tls_) co_await tls_->async_shutdown(asio::redirect_error(asio::use_awaitable, over));
    if (socket().is_open()) socket().shutdown(Socket::shutdown_send, over);
    std::array<char, 4096> unread;
    for (std::size_t total = 0; said == Last::answer && !over && !late_ && total < farewell_bytes_max;)
        total += co_await socket().async_read_some(asio::buffer(unread), asio::redirect_error(asio::use_awaitable, over));
    close();
}

void Connection::wake_at(Steady at) {
    wakes_ = at;
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this(), at](error_code const& cancelled) {
        auto const self = weak.lock();
        // A wait that was over when the timer was set anew comes here too: only the last counts.
        if (cancelled || !self || self->wakes_ != at) return;
        self->wakes_ = Steady::max();
        auto const now = std::chrono::steady_clock::now();
        if (now < self->due_) {
            if (self->due_ != Steady::max()) self->wake_at(self->due_);
            return;
        }
        self->late_ = true;
        self->cancel();
        // A write, or anything in TLS, is many operations; between two of them there was nothing to cancel.
        self->wake_at(now + again);
    });
}

void Connection::cancel() {
    error_code ignored;
    socket().cancel(ignored);
}

void Connection::close() {
    error_code ignored;
    socket().close(ignored);
    never_expire();
    timer_.cancel();
    wakes_ = Steady::max();
}

Result<> Connection::outcome(error_code const& code) const {
    if (code) return std::unexpected(failure(code));
    return {};
}

Error Connection::failure(error_code const& code) const {
    if (late_) return {Errc::timeout, "the client did not answer in time"};
    return {Errc::unavailable, code.message()};
}

}  // namespace boni::http
