#include "media/feed.hpp"

#include <algorithm>

namespace boni::media {
namespace {

constexpr int partial_ticks_max = 2;     // 40 ms, then silence completes the frame

}  // namespace

bool Feed::offer(std::unique_ptr<Piece>& piece) {
    if (out_ == pieces_max) return false;
    piece->round = round_.load(std::memory_order_relaxed);
    if (!offered_.push(std::move(piece))) return false;
    ++out_;
    return true;
}

std::unique_ptr<Piece> Feed::take_back() {
    std::unique_ptr<Piece> piece;
    if (back_.pop(piece)) --out_;
    return piece;
}

void Feed::fill(Frame& frame, std::uint64_t position) {
    collect(position);
    auto const available = waiting();
    if (available == 0 || (available < frame.size() && ++partial_ticks_ <= partial_ticks_max)) return;
    partial_ticks_ = 0;
    std::span<std::int16_t> rest{frame};
    while (!rest.empty() && !queue_.empty()) {
        auto& piece = *queue_.front();
        auto const count = std::min(rest.size(), piece.samples.size() - piece.used);
        std::copy_n(piece.samples.begin() + std::ptrdiff_t(piece.used), count, rest.begin());
        piece.used += count;
        if (!piece.filler) played_ += count;
        rest = rest.subspan(count);
        if (piece.used < piece.samples.size()) break;
        give_back(std::move(queue_.front()));
        queue_.erase(queue_.begin());
        pass_marks(position + frame.size() - rest.size());
    }
}

void Feed::hold(std::uint64_t position) { collect(position); }

/// What was offered joins the queue; what came before the last `clear` leaves it; marks with nothing before them pass.
void Feed::collect(std::uint64_t position) {
    auto const round = round_.load(std::memory_order_acquire);   // before the ring: what is cleared was pushed before
    for (std::unique_ptr<Piece> piece; queue_.size() < queue_.capacity() && offered_.pop(piece);) queue_.push_back(std::move(piece));
    auto const cleared = [round](auto const& piece) { return std::int32_t(round - piece->round) > 0; };
    while (!queue_.empty() && cleared(queue_.front())) {
        auto piece = std::move(queue_.front());
        queue_.erase(queue_.begin());
        partial_ticks_ = 0;
        if (piece->mark == 0) {
            give_back(std::move(piece));
            continue;
        }
        piece->played = played_;
        passed_.push_back({std::move(piece), position});
    }
    pass_marks(position);
}

void Feed::pass_marks(std::uint64_t position) {
    while (!queue_.empty() && queue_.front()->mark != 0) {
        queue_.front()->played = played_;
        passed_.push_back({std::move(queue_.front()), position});
        queue_.erase(queue_.begin());
    }
}

bool Feed::settle(std::uint64_t sent) {
    auto first = passed_.begin();
    for (; first != passed_.end() && first->position <= sent; ++first) give_back(std::move(first->mark));
    passed_.erase(passed_.begin(), first);
    return std::exchange(gave_, false);
}

std::size_t Feed::waiting() const {
    auto sum = 0uz;
    for (auto const& piece : queue_) sum += piece->samples.size() - piece->used;
    return sum;
}

void Feed::give_back(std::unique_ptr<Piece> piece) {
    gave_ = true;
    back_.push(std::move(piece));        // never full: no more than pieces_max are out
}

}  // namespace boni::media
