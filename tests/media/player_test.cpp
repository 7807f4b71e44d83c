#include "media/player.hpp"

#include <doctest/doctest.h>

#include "media/packetiser.hpp"
#include "support/tone.hpp"

using namespace boni;
using namespace boni::test;
using media::PlayId;

namespace {

media::Clip constant(std::int16_t value, std::size_t samples) {
    return std::make_shared<media::Pcm const>(media::Pcm{.narrow = std::vector<std::int16_t>(samples, value)});
}

/// A player whose frames leave at once.
struct Deck {
    media::Player player;
    media::Ledger ledger;
    std::uint64_t position = 0;
    std::vector<std::int16_t> out;
    std::vector<media::Ledger::Settled> settled;

    void push(std::uint64_t id, media::Clip clip, int loop = 1, bool stop_on_digit = false) {
        REQUIRE(player.push({.id = PlayId{id}, .clip = std::move(clip), .loop = loop, .stop_on_digit = stop_on_digit}));
    }
    void frames(int count) {
        for (; count > 0; --count) {
            std::array<std::int16_t, 160> frame{};
            player.fill(frame, position, ledger);
            position += frame.size();
            out.insert(out.end(), frame.begin(), frame.end());
            settle();
        }
    }
    void settle() {
        while (auto item = ledger.settle(position)) settled.push_back(std::move(*item));
    }
};

}  // namespace

TEST_CASE("clips follow each other without a gap, and each says when its last sample has left") {
    Deck deck;
    deck.push(1, constant(100, 200));
    deck.push(2, constant(200, 300));
    deck.frames(4);
    for (auto i = 0uz; i < 200; ++i) CHECK(deck.out[i] == 100);
    for (auto i = 200uz; i < 500; ++i) CHECK(deck.out[i] == 200);
    for (auto i = 500uz; i < 640; ++i) CHECK(deck.out[i] == 0);
    REQUIRE(deck.settled.size() == 2);
    CHECK(deck.settled[0].id == PlayId{1});
    CHECK(deck.settled[0].heard == 200);
    CHECK(deck.settled[0].finished);
    CHECK(deck.settled[0].clip != nullptr);   // goes back to be freed elsewhere
    CHECK(deck.settled[1].heard == 300);
    CHECK(deck.player.idle());
}

TEST_CASE("a clip that ends with its packet is settled by that packet, not by the next one") {
    Deck deck;
    deck.push(1, constant(100, 160));
    deck.frames(1);
    CHECK(deck.settled.size() == 1);
}

TEST_CASE("a loop repeats without a gap and counts all its rounds; zero rounds go on until stopped") {
    Deck deck;
    deck.push(1, constant(100, 90), 3);
    deck.frames(2);
    for (auto i = 0uz; i < 270; ++i) CHECK(deck.out[i] == 100);
    CHECK(deck.out[270] == 0);
    REQUIRE(deck.settled.size() == 1);
    CHECK(deck.settled[0].heard == 270);

    Deck endless;
    endless.push(1, constant(100, 90), 0);
    endless.frames(50);
    CHECK(endless.settled.empty());
    CHECK(endless.out.back() == 100);
    endless.player.stop(PlayId{1}, endless.ledger);
    endless.frames(2);
    REQUIRE(endless.settled.size() == 1);
    CHECK_FALSE(endless.settled[0].finished);
}

TEST_CASE("stop fades over 20 ms and the fade counts as heard; what had not begun was never heard") {
    Deck deck;
    deck.push(1, constant(10'000, 16'000));
    deck.push(2, constant(5'000, 160));
    deck.push(3, constant(7'000, 160));
    deck.frames(1);
    deck.player.stop(PlayId{2}, deck.ledger);
    deck.settle();
    REQUIRE(deck.settled.size() == 1);
    CHECK(deck.settled[0].id == PlayId{2});
    CHECK(deck.settled[0].heard == 0);
    deck.player.stop(PlayId{1}, deck.ledger);
    deck.player.stop(PlayId{1}, deck.ledger);   // a second time changes nothing
    deck.frames(1);
    CHECK(deck.out[160] == 10'000);
    CHECK(deck.out[240] == doctest::Approx(5'000).epsilon(0.02));
    CHECK(deck.out[319] < 100);
    REQUIRE(deck.settled.size() == 2);
    CHECK(deck.settled[1].heard == 320);
    CHECK_FALSE(deck.settled[1].finished);
    deck.frames(1);
    CHECK(deck.out[320] == 7'000);
    deck.frames(1);
    CHECK(deck.out[480] == 0);
}

TEST_CASE("a digit stops what asked for it and nothing else") {
    Deck deck;
    deck.push(1, constant(1'000, 8'000), 1, true);
    deck.push(2, constant(2'000, 8'000), 1, true);
    deck.push(3, constant(3'000, 160));
    deck.frames(1);
    deck.player.digit(deck.ledger);
    deck.frames(2);
    CHECK(deck.out[320] == 3'000);
    CHECK(deck.settled.size() == 3);
}

TEST_CASE("an empty clip is played at once, also endlessly; the thirty-third in the queue is refused") {
    Deck deck;
    deck.push(1, constant(0, 0), 0);
    deck.frames(1);
    REQUIRE(deck.settled.size() == 1);
    CHECK(deck.settled[0].finished);
    for (auto id = 2u; id < 34; ++id) deck.push(id, constant(1, 160));
    CHECK_FALSE(deck.player.push({.id = PlayId{99}, .clip = constant(1, 160)}));
    deck.player.cut(deck.ledger);
    deck.settle();
    CHECK(deck.settled.size() == 33);
}

TEST_CASE("with packets of 60 ms a clip is heard when its packet leaves") {
    media::Packetiser packetiser;
    media::Actions actions;
    media::Player player;
    media::Ledger ledger;
    auto const to = *Address::parse("127.0.0.1", 4000);
    packetiser.configure(media::find_codec("PCMA"), 8, 101, 480, to, actions);
    player.push({.id = PlayId{1}, .clip = constant(5'000, 100)});
    auto settled = 0;
    for (auto tick = 1; tick <= 3; ++tick) {
        std::array<std::int16_t, 160> frame{};
        player.fill(frame, packetiser.pushed(), ledger);
        packetiser.push(frame, to, actions);
        settled += ledger.settle(packetiser.sent()).has_value();
        CHECK(settled == (tick == 3 ? 1 : 0));
        CHECK(actions.packets.size() == (tick == 3 ? 1 : 0));
    }
    CHECK(actions.packets[0].size == 12 + 480);
}

TEST_CASE("packets of 10 ms are two per tick, of 30 ms two in three; what is left goes out before a change") {
    auto const to = *Address::parse("127.0.0.1", 4000);
    std::array<std::int16_t, 160> const frame{};
    media::Packetiser packetiser;
    media::Actions actions;
    packetiser.configure(media::find_codec("PCMU"), 0, 101, 80, to, actions);
    packetiser.push(frame, to, actions);
    REQUIRE(actions.packets.size() == 2);
    auto const first = *media::parse_rtp(actions.packets[0].view()), second = *media::parse_rtp(actions.packets[1].view());
    CHECK(second.header.timestamp - first.header.timestamp == 80);
    CHECK(second.payload.size() == 80);
    CHECK(first.payload[0] == 0xff);
    actions.clear();
    packetiser.configure(media::find_codec("PCMU"), 0, 101, 240, to, actions);
    for (auto tick = 0; tick < 3; ++tick) packetiser.push(frame, to, actions);
    CHECK(actions.packets.size() == 2);
    packetiser.push(frame, to, actions);
    packetiser.configure(media::find_codec("PCMA"), 8, 101, 160, to, actions);
    REQUIRE(actions.packets.size() == 3);
    CHECK(actions.packets[2].size == 12 + 160);
    CHECK(int(media::parse_rtp(actions.packets[2].view())->header.type) == 0);
    CHECK(packetiser.sent() == packetiser.pushed());
}
