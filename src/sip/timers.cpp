#include "sip/timers.hpp"

#include <algorithm>

namespace boni::sip {

void Deadlines::set(Timer timer, Steady at, std::uint32_t transaction) {
    clear(timer, transaction);
    entries_.push_back({{timer, transaction}, at});
}

void Deadlines::clear(Timer timer, std::uint32_t transaction) {
    std::erase_if(entries_, [&](Entry const& e) { return e.due.timer == timer && e.due.transaction == transaction; });
}

void Deadlines::keep_only(std::initializer_list<Timer> timers) {
    std::erase_if(entries_, [&](Entry const& e) { return std::ranges::find(timers, e.due.timer) == timers.end(); });
}

std::optional<Steady> Deadlines::next() const {
    auto const first = std::ranges::min_element(entries_, {}, &Entry::at);
    if (first == entries_.end()) return std::nullopt;
    return first->at;
}

std::optional<Due> Deadlines::take_due(Steady now) {
    auto const first = std::ranges::min_element(entries_, {}, &Entry::at);
    if (first == entries_.end() || first->at > now) return std::nullopt;
    auto const due = first->due;
    entries_.erase(first);
    return due;
}

}  // namespace boni::sip
