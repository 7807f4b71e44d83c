#include "egress/doorway.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include "base/number.hpp"

namespace boni::egress {
namespace {

constexpr std::size_t head_max = 8 * 1024;   // Beast reads no longer one either
constexpr std::string_view head_end = "\r\n\r\n";

/// Of "HTTP/1.1 404 Not Found"; 0: it is no such line.
unsigned status_of(std::string_view head) {
    constexpr std::string_view version = "HTTP/1.";
    auto const digits = version.size() + 2;
    if (!head.starts_with(version) || head.size() < digits + 3) return 0;
    return number_of<unsigned>(head.substr(digits, 3)).value_or(0);
}

}  // namespace

void Doorway::Seen::take(Pieces<asio::mutable_buffer> const& from, std::size_t bytes) {
    for (auto const& piece : from) {
        auto const some = std::min(bytes, piece.size());
        take({static_cast<char const*>(piece.data()), some});
        bytes -= some;
    }
}

void Doorway::Seen::take(std::string_view piece) {
    if (head_complete) return frames.take(piece);
    head.append(piece);
    auto const end = head.find(head_end);
    if (end == std::string::npos && head.size() < head_max) return;
    head_complete = true;
    auto const text = std::exchange(head, {});
    if (end == std::string::npos) return;
    if (auto const status = status_of(text); status != 101) declined = status;
    frames.take(std::string_view{text}.substr(end + head_end.size()));
}

void Doorway::read(Pieces<asio::mutable_buffer> into, Connection::Moved done) {
    if (seen_->declined != 0) return asio::post(get_executor(), [done = std::move(done)]() mutable { done(asio::error::eof, 0); });
    if (seen_->frames.too_large() && !std::exchange(seen_->woken, true)) {
        *static_cast<char*>(into.begin()->data()) = ' ';
        return asio::post(get_executor(), [done = std::move(done)]() mutable { done({}, 1); });
    }
    auto const executor = done.get_executor();
    auto const slot = done.get_cancellation_slot();
    auto taken = [seen = seen_, into, done = std::move(done)](boost::system::error_code error, std::size_t bytes) mutable {
        seen->take(into, bytes);
        done(error, bytes);
    };
    connection_.async_read_some(into, asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(taken))));
}

}  // namespace boni::egress
