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

Task<std::optional<char>> Digits::next(std::chrono::steady_clock::duration limit) {
    if (auto key = buffer_.take()) co_return key;
    boost::system::error_code woken;
    wake_.expires_after(limit);
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_return buffer_.take();
}

Task<> Digits::any() {
    while (buffer_.empty()) {
        boost::system::error_code woken;
        wake_.expires_at(Steady::max());
        co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

}  // namespace boni::call
