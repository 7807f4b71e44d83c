#include "stream/outbox.hpp"

#include <algorithm>

namespace boni::stream {

void Outbox::push(Item item) {
    if (auto const* const media = std::get_if<Media>(&item)) {
        auto const track = media->track;
        if (++frames_[std::size_t(track)] > audio_waiting_max_) {
            auto const oldest = std::ranges::find_if(items_, [track](Item const& waiting) {
                auto const* const frame = std::get_if<Media>(&waiting);
                return frame && frame->track == track;
            });
            items_.erase(oldest);
            --frames_[std::size_t(track)];
            ++dropped_;
        }
    }
    if (std::holds_alternative<Mark>(item)) ++marks_;
    items_.push_back(std::move(item));
}

std::optional<Outbox::Item> Outbox::pop() {
    if (items_.empty()) return {};
    auto item = std::move(items_.front());
    items_.pop_front();
    if (auto const* const media = std::get_if<Media>(&item)) --frames_[std::size_t(media->track)];
    if (std::holds_alternative<Mark>(item)) --marks_;
    return item;
}

void Outbox::new_socket() {
    std::erase_if(items_, [](Item const& item) {
        return std::holds_alternative<Mark>(item) || std::holds_alternative<Ping>(item) || std::holds_alternative<Fault>(item) ||
               std::holds_alternative<Backlog>(item);
    });
    marks_ = 0;
}

}  // namespace boni::stream
