#include "media/feed.hpp"

#include <doctest/doctest.h>

#include "support/stream_stage.hpp"

using namespace boni;
using namespace boni::media;

namespace {

/// A leg with a feed and a tap, and the writer's side of both.
struct Fed : test::StreamStage {
    std::shared_ptr<Waker> waker = std::make_shared<Waker>();
    std::shared_ptr<Feed> feed = std::make_shared<Feed>(waker);
    std::shared_ptr<Tap> tap = std::make_shared<Tap>(waker, Tap::Options{.heard = true, .said = true});

    Fed() {
        start();
        stream.feed(feed);
        stream.listen(tap, 0);
    }
    void say(std::size_t samples, std::int16_t value) {
        auto piece = std::make_unique<Piece>(Piece{.samples = std::vector<std::int16_t>(samples, value)});
        REQUIRE(feed->offer(piece));
    }
    void mark(std::uint64_t name) {
        auto piece = std::make_unique<Piece>(Piece{.mark = name});
        REQUIRE(feed->offer(piece));
    }
    /// What came back as marks: name and samples played before it.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> marks() {
        std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
        while (auto const piece = feed->take_back())
            if (piece->mark != 0) out.emplace_back(piece->mark, piece->played);
        return out;
    }
    /// The loudest sample of each frame that was said since the last call.
    std::vector<int> said() {
        std::vector<int> out;
        for (TapFrame frame; tap->read(frame);)
            if (frame.said) out.push_back(*std::ranges::max_element(frame.samples));
        return out;
    }
};
using Marks = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

TEST_CASE("audio from another thread is heard in order, and marks come back with the packet they follow") {
    Fed leg;
    leg.say(200, 1000);
    leg.say(120, 2000);
    leg.mark(7);
    leg.say(160, 3000);
    leg.mark(8);
    leg.ticks(1);
    CHECK(leg.said() == std::vector{1000});
    CHECK(leg.marks().empty());
    leg.ticks(1);
    CHECK(leg.said() == std::vector{2000});
    CHECK(leg.marks() == Marks{{7, 320}});
    leg.ticks(2);
    CHECK(leg.said() == std::vector{3000, 0});
    CHECK(leg.marks() == Marks{{8, 480}});
    CHECK(leg.feed->out() == 0);
}

TEST_CASE("a mark with nothing before it comes back with the next packet") {
    Fed leg;
    leg.mark(1);
    leg.ticks(1);
    CHECK(leg.marks() == Marks{{1, 0}});
}

TEST_CASE("clear is silence in the next packet, and every mark comes back with what was truly played") {
    Fed leg;
    leg.say(1600, 1000);
    leg.mark(1);
    leg.say(1600, 1000);
    leg.mark(2);
    leg.ticks(3);
    CHECK(leg.said() == std::vector{1000, 1000, 1000});
    leg.feed->clear();
    leg.say(160, 4000);
    leg.mark(3);
    leg.ticks(2);
    CHECK(leg.said() == std::vector{4000, 0});
    CHECK(leg.marks() == Marks{{1, 480}, {2, 480}, {3, 640}});
    CHECK(leg.feed->out() == 0);
}

TEST_CASE("less than a frame waits 40 ms for more, then silence completes it") {
    Fed leg;
    leg.say(100, 1000);
    leg.ticks(1);
    leg.say(60, 1000);
    leg.ticks(1);
    CHECK(leg.said() == std::vector{0, 1000});
    leg.say(100, 2000);
    leg.ticks(3);
    CHECK(leg.said() == std::vector{0, 0, 2000});
}

TEST_CASE("a play goes ahead of the feed, which goes on afterwards; a clear works meanwhile") {
    Fed leg;
    leg.say(480, 1000);
    leg.ticks(1);
    auto const clip = std::make_shared<Pcm const>(Pcm{.narrow = std::vector<std::int16_t>(320, 5000)});
    leg.stream.play({.id = PlayId{1}, .clip = clip}, leg.actions);
    leg.ticks(3);
    CHECK(leg.said() == std::vector{1000, 5000, 5000, 1000});
    leg.stream.play({.id = PlayId{2}, .clip = clip}, leg.actions);
    leg.mark(9);
    leg.feed->clear();
    leg.ticks(3);
    CHECK(leg.said() == std::vector{5000, 5000, 0});
    CHECK(leg.marks() == Marks{{9, 320}});
}

TEST_CASE("the media thread holds no more pieces than agreed; the rest stays with the writer") {
    Fed leg;
    for (auto i = 0uz; i < Feed::pieces_max; ++i) leg.say(160, 1000);
    auto more = std::make_unique<Piece>(Piece{.samples = std::vector<std::int16_t>(160, 1000)});
    CHECK_FALSE(leg.feed->offer(more));
    CHECK(more != nullptr);
    leg.ticks(2);
    CHECK(leg.marks().empty());
    CHECK(leg.feed->offer(more));
}

TEST_CASE("a tap hears frames by tick, and nothing where the caller sent nothing") {
    Fed leg;
    leg.talk(20);
    leg.ticks(40);   // the peer is silent: losses are concealed for a while, then there is no audio
    std::vector<std::uint64_t> heard;
    auto said = 0;
    for (TapFrame frame; leg.tap->read(frame);) frame.said ? void(++said) : heard.push_back(frame.tick);
    CHECK(said > 30);
    REQUIRE(heard.size() >= 17);
    for (auto i = 1uz; i < heard.size(); ++i) CHECK(heard[i] == heard[i - 1] + 1);
    CHECK(heard.back() < 40);
}

TEST_CASE("a reader that is late loses frames, which are counted, and nobody waits") {
    Fed leg;
    leg.ticks(100);
    CHECK(leg.tap->lost() > 0);
}

TEST_CASE("a reader is woken once until it has looked") {
    Waker waker;
    auto const told = [&] {
        std::uint64_t count = 0;
        return ::read(waker.fd(), &count, sizeof count) == sizeof count ? count : 0;
    };
    waker.wake();
    waker.wake();
    CHECK(told() == 1);
    waker.wake();
    CHECK(told() == 0);
    waker.looked();
    waker.wake();
    CHECK(told() == 1);
}
