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
    wake_.cancel();
}

void Digits::held(bool held) {
    held_ = held;
    if (!held) wake_.cancel();
}

Task<std::optional<char>> Digits::next(std::chrono::steady_clock::duration limit) {
    if (buffer_.empty()) co_await wait(std::chrono::steady_clock::now() + limit);
    if (buffer_.empty() && held_) co_await wait(std::chrono::steady_clock::now() + held_max);
    co_return buffer_.take();
}

Task<> Digits::wait(Steady until) {
    boost::system::error_code woken;
    wake_.expires_at(until);
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

Task<> Digits::any() {
    while (buffer_.empty()) co_await wait(Steady::max());
}

}  // namespace boni::call
