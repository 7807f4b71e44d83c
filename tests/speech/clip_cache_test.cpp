#include "speech/clip_cache.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "support/temp_folder.hpp"

using namespace boni;

namespace {

media::Clip clip(std::size_t samples, std::int16_t value = 1) {
    auto pcm = std::make_shared<media::Pcm>();
    pcm->narrow.assign(samples, value);
    pcm->wide.assign(2 * samples, value);
    return pcm;
}

}  // namespace

TEST_CASE("the least recently used clip leaves first and the bound holds") {
    speech::ClipCache cache{6 * 1000 * 2};
    cache.put("a", clip(1000));
    cache.put("b", clip(1000));
    CHECK(cache.bytes() == 12'000);
    CHECK(cache.find("a"));
    cache.put("c", clip(1000));
    CHECK(cache.find("a"));
    CHECK_FALSE(cache.find("b"));
    CHECK(cache.find("c"));
    cache.put("huge", clip(5000));
    CHECK_FALSE(cache.find("huge"));
    CHECK(cache.bytes() == 12'000);
}

TEST_CASE("what the cache has dropped or never kept is found for as long as somebody plays it") {
    speech::ClipCache cache{6 * 1000 * 2};
    auto huge = clip(5000);
    cache.put("huge", huge);
    CHECK(cache.find("huge") == huge);
    CHECK(cache.bytes() == 0);
    huge.reset();
    CHECK_FALSE(cache.find("huge"));
}

TEST_CASE("files give back what was written, and damage counts as absence") {
    test::TempFolder temporary;
    auto const folder = temporary.path / "clips";
    speech::ClipFiles const files{folder, 1'000'000};
    files.write("one", *clip(800, 7));
    using std::filesystem::perms;
    CHECK((std::filesystem::status(folder / "one.pcm").permissions() & (perms::group_all | perms::others_all)) == perms::none);
    auto const back = files.read("one");
    REQUIRE(back);
    CHECK(back->narrow == clip(800, 7)->narrow);
    CHECK(back->wide == clip(800, 7)->wide);
    CHECK(files.clip_bytes("one") == 800 * 3 * 2);
    CHECK_FALSE(files.read("two"));
    CHECK(files.clip_bytes("two") == 0);
    { std::fstream{folder / "one.pcm", std::ios::in | std::ios::out | std::ios::binary}.seekp(100) << 'x'; }
    CHECK_FALSE(files.read("one"));
    std::filesystem::resize_file(folder / "one.pcm", 50);
    CHECK_FALSE(files.read("one"));
}

TEST_CASE("a file whose counts only add up beyond 64 bits counts as absent") {
    test::TempFolder temporary;
    speech::ClipFiles const files{temporary.path, 1'000'000};
    auto const word = [](std::uint64_t value) { return std::string{reinterpret_cast<char const*>(&value), sizeof value}; };
    auto const narrow = std::uint64_t{1} << 63;   // with `wide` 2^64 samples and four
    { std::ofstream{temporary.path / "one.pcm", std::ios::binary} << "bonipcm1" << word(narrow) << word(narrow + 4) << word(0) << "12345678"; }
    CHECK_FALSE(files.read("one"));
}
