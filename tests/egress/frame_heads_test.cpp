#include "egress/frame_heads.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using boni::egress::FrameHeads;

namespace {

/// A frame of a server as far as its payload: `first` is its FIN bit and opcode.
std::string frame_head(unsigned first, std::uint64_t length) {
    std::string out{char(first)};
    auto const bytes = length < 126 ? 0 : length < 65'536 ? 2 : 8;
    out += char(bytes == 0 ? length : bytes == 2 ? 126 : 127);
    for (auto at = bytes; at-- > 0;) out += char(length >> 8 * at);
    return out;
}
std::string frame(unsigned first, std::uint64_t length) { return frame_head(first, length) + std::string(length, '\x81'); }

constexpr unsigned text = 0x81, text_begun = 0x01, goes_on = 0x00, ends = 0x80, ping = 0x89;

}  // namespace

TEST_CASE("a message is too large with the head of the frame that makes it so") {
    constexpr auto max = 70'000;
    auto const fits = frame(text, 0) + frame(text, 125) + frame(text, 126) + frame(text, 65'535) + frame(text, max);
    auto const fits_in_parts = frame(text_begun, max - 1) + frame(ping, 125) + frame(goes_on, 0) + frame(ends, 1);
    std::vector<std::pair<std::string, bool>> const cases{
        {fits + fits_in_parts + fits, false},
        {fits + frame_head(text, max + 1), true},
        {fits + frame_head(text, 1ull << 62), true},
        {fits + frame_head(text, ~0ull), true},
        {frame(text_begun, max) + frame(ping, 1) + frame_head(ends, 1), true},
        {frame(text_begun, 1) + frame_head(ends, ~0ull), true},
        {fits + frame_head(text, max + 1).substr(0, 9), false},
    };
    for (auto const& [bytes, too_large] : cases)
        for (auto const piece : {1uz, 7uz, bytes.size()}) {
            FrameHeads heads{max};
            for (auto at = 0uz; at < bytes.size(); at += piece) {
                CHECK_FALSE(heads.too_large());
                heads.take(std::string_view{bytes}.substr(at, piece));
            }
            CHECK(heads.too_large() == too_large);
        }
}

TEST_CASE("frames are counted, of whatever kind, with their heads") {
    FrameHeads heads{1'000};
    auto const bytes = frame(text, 3) + frame(ping, 0) + frame(text_begun, 1) + frame(goes_on, 0) + frame(ping, 125) + frame(ends, 130);
    heads.take(std::string_view{bytes}.substr(0, bytes.size() - 131));
    CHECK(heads.begun() == 5);
    heads.take(std::string_view{bytes}.substr(bytes.size() - 131));
    CHECK(heads.begun() == 6);
}
