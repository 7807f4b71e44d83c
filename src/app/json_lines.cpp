#include "app/json_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <fmt/format.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

namespace boni::app {
namespace {

using namespace std::chrono_literals;

constexpr auto last_words_limit = 1s;

}  // namespace

JsonLines::JsonLines(int fd) : fd_{fd}, writer_{[this] { write_all(); }} {}

JsonLines::~JsonLines() {
    {
        std::lock_guard const lock{mutex_};
        closing_ = true;
    }
    changed_.notify_one();
    writer_.join();
}

void JsonLines::say(std::string line) {
    auto wake = false;
    {
        std::lock_guard const lock{mutex_};
        if (waiting_.size() >= lines_max) {
            ++dropped_;
            return;
        }
        if (auto const lost = std::exchange(dropped_, 0); lost > 0) waiting_.push_back(fmt::format("{{\"dropped\":{}}}\n", lost));
        waiting_.push_back(std::move(line.append(1, '\n')));
        wake = asleep_;
    }
    if (wake) changed_.notify_one();
}

void JsonLines::write_all() {
    for (auto text = next(); !text.empty(); text = next()) {
        if (!write(text)) return;   // nobody reads any more: say() goes on dropping
        std::unique_lock lock{mutex_};
        if (waiting_.empty()) changed_.wait_for(lock, gather, [this] { return closing_; });
    }
}

/// The oldest line, with those behind it that a pipe takes in the same piece. Empty: closing and nothing left.
std::string JsonLines::next() {
    std::unique_lock lock{mutex_};
    asleep_ = true;
    changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    asleep_ = false;
    std::string text;
    while (!waiting_.empty() && (text.empty() || text.size() + waiting_.front().size() <= PIPE_BUF)) {
        text += waiting_.front();
        waiting_.pop_front();
    }
    return text;
}

/// In pieces a pipe takes whole once it says there is room (POSIX: PIPE_BUF), so that closing is noticed while nobody reads.
bool JsonLines::write(std::string_view text) {
    std::chrono::milliseconds patience{-1ms};
    auto waited = 0ms;
    while (!text.empty()) {
        {
            std::lock_guard const lock{mutex_};
            if (closing_) patience = last_words_limit;
        }
        constexpr auto turn = 100ms;
        pollfd room{fd_, POLLOUT, 0};
        auto const ready = ::poll(&room, 1, int(turn.count()));
        if (ready == 0) {
            waited += turn;
            if (patience >= 0ms && waited >= patience) return false;
            continue;
        }
        auto const wrote = ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (wrote < 0 && errno != EINTR && errno != EAGAIN) return false;
        if (wrote > 0) {
            text.remove_prefix(std::size_t(wrote));
            waited = 0ms;
        }
    }
    return true;
}

}  // namespace boni::app
