#include "egress/doorway.hpp"

#include <algorithm>
#include <cstring>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include "base/number.hpp"
#include "egress/exchange.hpp"

namespace boni::egress {
namespace {

constexpr std::size_t head_max = 8 * 1024;   // Beast reads no longer one either
constexpr std::string_view head_end = "\r\n\r\n";
// Frames read a second, and at once: what a peer sends beyond waits with it. As for its messages (stream/session.cpp); what is in one read is read.
constexpr double frames_rate = 4'000, frames_burst = 8'000;

/// Of "HTTP/1.1 404 Not Found"; 0: it is no such line.
unsigned status_of(std::string_view head) {
    constexpr std::string_view version = "HTTP/1.";
    auto const digits = version.size() + 2;
    if (!head.starts_with(version) || head.size() < digits + 3) return 0;
    return number_of<unsigned>(head.substr(digits, 3)).value_or(0);
}

/// Of "HTTP/1.1 103 Early Hints", as far as it has come; 101 is the answer itself.
bool may_be_interim(std::string_view head) {
    constexpr std::string_view form = "HTTP/1.x 1";
    for (auto at = 0uz; at < std::min(head.size(), form.size()); ++at)
        if (head[at] != form[at] && form[at] != 'x') return false;
    return head.size() < form.size() + 2 || head.substr(form.size(), 2) != "01";
}

}  // namespace

Doorway::Seen::Seen(std::size_t message_max) : frames{message_max}, pace{frames_rate, frames_burst} {}

std::size_t Doorway::Seen::take(Pieces<asio::mutable_buffer> const& into, std::size_t bytes) {
    for (auto left = bytes; auto const& piece : into) {
        std::string_view const some{static_cast<char const*>(piece.data()), std::min(left, piece.size())};
        if (passing) look(some);
        else held.append(some);
        left -= some.size();
    }
    if (passing) return bytes;
    passing = skip_interim();
    if (!passing) return 0;
    look(held);
    return give(into);
}

/// Whether the answer that counts has begun, or what is none of either kind.
bool Doorway::Seen::skip_interim() {
    while (may_be_interim(held) && interims < interim_max) {
        auto const end = held.find(head_end);
        if (end == std::string::npos) return held.size() >= head_max;
        held.erase(0, end + head_end.size());
        ++interims;
    }
    return !held.empty();
}

std::size_t Doorway::Seen::give(Pieces<asio::mutable_buffer> const& into) {
    std::size_t given = 0;
    for (auto const& piece : into) {
        auto const some = std::min(held.size() - given, piece.size());
        std::memcpy(piece.data(), held.data() + given, some);
        given += some;
    }
    held.erase(0, given);
    return given;
}

void Doorway::Seen::look(std::string_view piece) {
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
    auto const executor = done.get_executor();
    auto const now = [&](boost::system::error_code error, std::size_t bytes) {
        asio::post(executor, [done = std::move(done), error, bytes]() mutable { done(error, bytes); });
    };
    if (seen_->passing && !seen_->held.empty()) return now({}, seen_->give(into));
    if (seen_->declined != 0) return now(asio::error::eof, 0);
    if (seen_->frames.too_large() && !std::exchange(seen_->woken, true)) {
        *static_cast<char*>(into.begin()->data()) = ' ';
        return now({}, 1);
    }
    auto const frames = double(seen_->frames.begun() - std::exchange(seen_->paced, seen_->frames.begun()));
    auto const pause = seen_->pace.owe(frames, std::chrono::steady_clock::now());
    if (pause <= 0s) return read_on(connection_, seen_, into, std::move(done));
    auto const slot = done.get_cancellation_slot();
    auto const timer = std::make_shared<asio::steady_timer>(executor, pause);
    auto over = [timer, connection = connection_, seen = seen_, into, done = std::move(done)](boost::system::error_code cancelled) mutable {
        if (cancelled) return done(cancelled, 0);
        read_on(std::move(connection), std::move(seen), into, std::move(done));
    };
    timer->async_wait(asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(over))));
}

void Doorway::read_on(std::shared_ptr<Connection> connection, std::shared_ptr<Seen> seen, Pieces<asio::mutable_buffer> into, Connection::Moved done) {
    auto const executor = done.get_executor();
    auto const slot = done.get_cancellation_slot();
    auto& from = *connection;
    auto taken = [connection = std::move(connection), seen = std::move(seen), into, done = std::move(done)](boost::system::error_code error,
                                                                                                            std::size_t bytes) mutable {
        auto const given = seen->take(into, bytes);
        if (given == 0 && bytes > 0 && !error) return read_on(std::move(connection), std::move(seen), into, std::move(done));
        done(error, given);
    };
    from.async_read_some(into, asio::bind_cancellation_slot(slot, asio::bind_executor(executor, std::move(taken))));
}

}  // namespace boni::egress
