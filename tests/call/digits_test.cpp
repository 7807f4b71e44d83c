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

namespace {

/// Who waits for two digits, one after the other.
struct WaiterStage {
    asio::io_context io;
    Digits digits{io.get_executor()};
    std::optional<char> first, second = 'x';

    void wait(std::chrono::milliseconds for_first, std::chrono::milliseconds for_second) {
        spawn(io.get_executor(), "test", [](WaiterStage& self, std::chrono::milliseconds a, std::chrono::milliseconds b) -> Task<> {
            self.first = co_await self.digits.next(a);
            self.between();
            self.second = co_await self.digits.next(b);
        }(*this, for_first, for_second));
        io.run();
    }
    std::function<void()> between = [] {};
};

}  // namespace

TEST_CASE("a key that is down when the time is over belongs to who waits; one that is up again without a digit does not keep him") {
    WaiterStage stage;
    asio::steady_timer up{stage.io, 50ms}, repeated{stage.io};
    stage.digits.held(true);
    up.async_wait([&](auto) {
        stage.digits.push('4', std::chrono::steady_clock::now());
        stage.digits.held(false);
    });
    stage.between = [&] {
        stage.digits.held(true);
        repeated.expires_after(50ms);
        repeated.async_wait([&](auto) { stage.digits.held(false); });
    };
    auto const began = std::chrono::steady_clock::now();
    stage.wait(1ms, 1ms);
    CHECK(stage.first == '4');
    CHECK(stage.second == std::nullopt);
    CHECK(std::chrono::steady_clock::now() - began < Digits::held_max);
}

TEST_CASE("a waiter gets the next digit, or nothing when the time is over") {
    WaiterStage stage;
    asio::post(stage.io, [&] { stage.digits.push('4', std::chrono::steady_clock::now()); });
    stage.wait(5s, 1ms);
    CHECK(stage.first == '4');
    CHECK(stage.second == std::nullopt);
}
