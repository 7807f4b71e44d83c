#include "call/digits.hpp"

namespace boni::call {

void DigitBuffer::push(char key, Steady at) {
    if (pressed_.size() == digits_max) pressed_.pop_front();
    pressed_.push_back({key, at});
}

void DigitBuffer::forget_before(Steady since) {
    std::erase_if(pressed_, [&](Pressed const& one) { return one.at < since; });
}

std::optional<char> DigitBuffer::take() {
    if (pressed_.empty()) return std::nullopt;
    auto const key = pressed_.front().key;
    pressed_.pop_front();
    return key;
}

void Digits::push(char key, Steady at) {
    buffer_.push(key, at);
    changed_.ring();
}

void Digits::held(bool held) {
    held_ = held;
    if (!held) changed_.ring();
}

Task<std::optional<char>> Digits::next(std::chrono::steady_clock::duration limit) {
    if (buffer_.empty()) co_await changed_.rung_within(limit);
    if (buffer_.empty() && held_) co_await changed_.rung_within(held_max);
    co_return buffer_.take();
}

Task<> Digits::any() {
    while (buffer_.empty()) co_await changed_.rung();
}

}  // namespace boni::call
