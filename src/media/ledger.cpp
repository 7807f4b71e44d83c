#include "media/ledger.hpp"

#include <algorithm>

namespace boni::media {

void Ledger::add(PlayId id, std::uint64_t position, std::size_t samples) {
    auto found = std::ranges::find(entries_, id, &Entry::id);
    if (found == entries_.end()) {
        if (entries_.size() == entries_.capacity()) return;
        entries_.push_back({.id = id, .begin = position});
        found = entries_.end() - 1;
    }
    found->end = position + samples;
}

void Ledger::close(PlayId id, bool finished, Clip clip) {
    if (std::ranges::find(entries_, id, &Entry::id) == entries_.end()) add(id, 0, 0);   // it never began
    auto const found = std::ranges::find(entries_, id, &Entry::id);
    if (found == entries_.end()) return;
    found->closed = true;
    found->finished = finished;
    found->clip = std::move(clip);
}

std::optional<Ledger::Settled> Ledger::settle(std::uint64_t sent) {
    auto const found = std::ranges::find_if(entries_, [&](Entry const& entry) { return entry.closed && entry.end <= sent; });
    if (found == entries_.end()) return {};
    Settled out{.id = found->id, .heard = found->end - found->begin, .finished = found->finished, .clip = std::move(found->clip)};
    entries_.erase(found);
    return out;
}

}  // namespace boni::media
