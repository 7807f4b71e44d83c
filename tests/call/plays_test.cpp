#include <doctest/doctest.h>

#include "call/plays.hpp"

using namespace boni;
using namespace boni::call;

TEST_CASE("one plays, sixteen wait, one more is too many") {
    asio::io_context io;
    auto const plays = std::make_shared<Plays>(io.get_executor());
    CHECK(plays->idle());
    std::vector<std::unique_ptr<Plays::Turn>> turns;
    for (std::size_t i = 0; i <= Plays::waiting_max; ++i) {
        CHECK_FALSE(plays->full());
        turns.push_back(Plays::enter(plays));
    }
    CHECK(plays->full());
    turns.erase(turns.begin() + 3);   // one that gave up while waiting
    CHECK_FALSE(plays->full());
}

TEST_CASE("turns come in the order they were taken") {
    asio::io_context io;
    auto const plays = std::make_shared<Plays>(io.get_executor());
    std::string order;
    auto const speak = [](std::shared_ptr<Plays> line, std::string& out, char me) -> Task<> {
        auto const turn = Plays::enter(std::move(line));
        co_await turn->come();
        out += me;
        co_await wait_for(1ms);
        out += me;
    };
    for (char const me : {'a', 'b', 'c'}) spawn(io.get_executor(), "test", speak(plays, order, me));
    io.run_for(5s);
    CHECK(order == "aabbcc");
    CHECK(plays->idle());
}
