#include "egress/doorway.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include "base/number.hpp"

namespace boni::egress {
namespace {

constexpr std::size_t head_max = 8 * 1024;   // Beast reads no longer one either

/// Of "HTTP/1.1 404 Not Found"; 0: it is no such line.
unsigned status_of(std::string_view head) {
    constexpr std::string_view version = "HTTP/1.";
    auto const digits = version.size() + 2;
    if (!head.starts_with(version) || head.size() < digits + 3) return 0;
    return number_of<unsigned>(head.substr(digits, 3)).value_or(0);
}

}  // namespace

void Doorway::Head::take(Pieces<asio::mutable_buffer> const& from, std::size_t bytes) {
    for (auto const& piece : from) {
        auto const some = std::min(bytes, piece.size());
        text.append(static_cast<char const*>(piece.data()), some);
        bytes -= some;
    }
    auto const whole = text.find("\r\n\r\n") != std::string::npos;
    if (!whole && text.size() < head_max) return;
    complete = true;
    if (auto const status = status_of(text); whole && status != 101) declined = status;
    text = {};
}

void Doorway::read(Pieces<asio::mutable_buffer> into, Connection::Moved done) {
    if (head_->declined != 0) return asio::post(get_executor(), [done = std::move(done)]() mutable { done(asio::error::eof, 0); });
    if (head_->complete) return connection_.read(into, std::move(done));
    auto const executor = done.get_executor();
    auto const slot = done.get_cancellation_slot();
    auto taken = [head = head_, into, done = std::move(done)](boost::system::error_code error, std::size_t bytes) mutable {
        head->take(into, bytes);
        done(error, bytes);
    };
    connection_.async_read_some(into, asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(taken))));
}

}  // namespace boni::egress
