#include "media/player.hpp"

#include <algorithm>

namespace boni::media {
namespace {

constexpr int fade_samples = 160;   // 20 ms: a cut would click

}  // namespace

bool Player::push(Item item) {
    if (queue_.size() == queue_.capacity()) return false;
    queue_.push_back({.item = std::move(item)});
    return true;
}

void Player::fill(std::span<std::int16_t> frame, std::uint64_t position, Ledger& ledger) {
    while (!queue_.empty()) {
        auto& front = queue_.front();
        auto const done = front.item.clip->narrow.empty() || front.fade == 0 || front.offset == front.item.clip->narrow.size();
        if (done) {
            ledger.close(front.item.id, front.fade < 0, std::move(front.item.clip));
            queue_.erase(queue_.begin());
            continue;
        }
        if (frame.empty()) return;
        auto const written = copy(front, frame);
        ledger.add(front.item.id, position, written);
        position += written;
        frame = frame.subspan(written);
    }
}

std::size_t Player::copy(Playing& playing, std::span<std::int16_t> out) {
    auto const& samples = playing.item.clip->narrow;
    auto count = std::min(out.size(), samples.size() - playing.offset);
    if (playing.fade >= 0) count = std::min(count, std::size_t(playing.fade));
    std::copy_n(samples.begin() + std::ptrdiff_t(playing.offset), count, out.begin());
    if (playing.fade >= 0)
        for (auto& sample : out.first(count)) sample = std::int16_t(sample * playing.fade-- / fade_samples);
    playing.begun = true;
    playing.offset += count;
    // A stopped clip does not start over: the fade ends with it.
    if (playing.offset == samples.size() && playing.fade < 0 && (playing.item.loop == 0 || ++playing.rounds < playing.item.loop))
        playing.offset = 0;
    return count;
}

void Player::stop(PlayId id, Ledger& ledger) {
    stop_if([&](Playing const& playing) { return playing.item.id == id; }, ledger);
}

void Player::digit(Ledger& ledger) {
    stop_if([](Playing const& playing) { return playing.item.stop_on_digit; }, ledger);
}

template <class Which>
void Player::stop_if(Which which, Ledger& ledger) {
    for (auto at = queue_.begin(); at != queue_.end();) {
        if (!which(*at)) {
            ++at;
        } else if (at->begun) {
            if (at->fade < 0) at->fade = fade_samples;
            ++at;
        } else {
            ledger.close(at->item.id, false, std::move(at->item.clip));
            at = queue_.erase(at);
        }
    }
}

void Player::cut(Ledger& ledger) {
    for (auto& playing : queue_) ledger.close(playing.item.id, false, std::move(playing.item.clip));
    queue_.clear();
}

}  // namespace boni::media
