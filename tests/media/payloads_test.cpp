#include "media/payloads.hpp"

#include <deque>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using namespace boni::media;

TEST_CASE("a payload is held, in one piece, until newer ones need its bytes") {
    Payloads<1000> payloads;
    std::mt19937 random{3};
    struct Kept {
        Payloads<1000>::Place place;
        std::vector<std::uint8_t> bytes;
    };
    std::deque<Kept> kept;
    for (auto round = 0; round < 10'000; ++round) {
        std::vector<std::uint8_t> bytes(random() % 481);
        for (auto& byte : bytes) byte = std::uint8_t(random());
        kept.push_back({payloads.keep(bytes), bytes});
        for (auto const& one : kept) {
            if (!payloads.holds(one.place)) continue;
            auto const now = payloads.at(one.place);
            CHECK(std::ranges::equal(now, one.bytes));
        }
        CHECK(payloads.holds(kept.back().place));
        if (kept.size() > 50) kept.pop_front();
    }
}

TEST_CASE("as many of one length as fill the ring are held at once") {
    Payloads<64 * 160> payloads;
    std::vector<std::uint8_t> const frame(160, 7);
    auto const first = payloads.keep(frame);
    for (auto other = 1; other < 64; ++other) payloads.keep(frame);
    CHECK(payloads.holds(first));
    payloads.keep(frame);
    CHECK_FALSE(payloads.holds(first));
}
