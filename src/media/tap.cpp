#include "media/tap.hpp"

namespace boni::media {

void Waker::wake() {
    if (!told_.exchange(true, std::memory_order_seq_cst)) signalled_.signal();
}

void Waker::looked() {
    signalled_.drain();
    told_.store(false, std::memory_order_seq_cst);
}

Tap::Tap(std::shared_ptr<Waker> waker, Options options) : said_{options.said}, waker_{std::move(waker)} {
    if (options.heard) ear_.emplace(ring_);
}

bool Tap::tick(std::uint64_t tick, Frame const& said, std::chrono::milliseconds patience, Steady now) {
    auto const heard = ear_ && ear_->tick(tick, patience, now);
    if (said_) ring_.push(tick, true, said);
    return heard || said_;
}

}  // namespace boni::media
