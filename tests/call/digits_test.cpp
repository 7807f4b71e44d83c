#include <doctest/doctest.h>

#include "call/digits.hpp"

using namespace boni;
using namespace boni::call;

TEST_CASE("digits of the last two seconds are kept for a gather, older ones are not") {
    DigitBuffer digits;
    Steady const start{1h};
    digits.push('1', start);
    digits.push('2', start + 1500ms);
    digits.push('3', start + 2500ms);
    digits.forget_before(start + 3s - DigitBuffer::kept_for);
    CHECK(digits.take() == '2');
    CHECK(digits.take() == '3');
    CHECK(digits.take() == std::nullopt);
}

TEST_CASE("a digit is consumed once") {
    DigitBuffer digits;
    digits.push('7', Steady{1h});
    CHECK(digits.take() == '7');
    CHECK(digits.empty());
}

TEST_CASE("the oldest digit goes when the buffer is full") {
    DigitBuffer digits;
    for (int i = 0; i <= int(DigitBuffer::digits_max); ++i) digits.push(i == 0 ? 'A' : '5', Steady{1h});
    CHECK(digits.take() == '5');
}

TEST_CASE("a key that is down when the time is over belongs to who waits; one that is up again without a digit does not keep him") {
    asio::io_context io;
    Digits digits{io.get_executor()};
    std::optional<char> first, second = 'x';
    spawn(io.get_executor(), "test", [](Digits& from, std::optional<char>& a, std::optional<char>& b) -> Task<> {
        a = co_await from.next(1ms);
        from.held(true);
        b = co_await from.next(1ms);
    }(digits, first, second));
    digits.held(true);
    asio::steady_timer up{io.get_executor(), 50ms}, repeated{io.get_executor(), 100ms};
    up.async_wait([&](auto) {
        digits.push('4', std::chrono::steady_clock::now());
        digits.held(false);
    });
    repeated.async_wait([&](auto) { digits.held(false); });
    auto const began = std::chrono::steady_clock::now();
    io.run();
    CHECK(first == '4');
    CHECK(second == std::nullopt);
    CHECK(std::chrono::steady_clock::now() - began < Digits::held_max);
}

TEST_CASE("a waiter gets the next digit, or nothing when the time is over") {
    asio::io_context io;
    Digits digits{io.get_executor()};
    std::optional<char> first, second = 'x';
    spawn(io.get_executor(), "test", [](Digits& from, std::optional<char>& a, std::optional<char>& b) -> Task<> {
        a = co_await from.next(5s);
        b = co_await from.next(1ms);
    }(digits, first, second));
    asio::post(io, [&] { digits.push('4', std::chrono::steady_clock::now()); });
    io.run_for(5s);
    CHECK(first == '4');
    CHECK(second == std::nullopt);
}
