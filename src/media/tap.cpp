#include "media/tap.hpp"

#include "media/sockets.hpp"

namespace boni::media {

void Waker::wake() {
    if (!told_.exchange(true, std::memory_order_seq_cst)) signal(event_fd_);
}

void Tap::listen(std::uint64_t tick, Frame const* heard, Frame const& said) {
    if (options_.heard && heard) push(tick, false, *heard);
    if (options_.said) push(tick, true, said);
}

void Tap::push(std::uint64_t tick, bool said, Frame const& samples) {
    if (!ring_.push({tick, said, samples})) lost_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace boni::media
