#include "media/codec.hpp"

#include <array>
#include <cstdlib>
#include <vector>

#include <doctest/doctest.h>
#include <spandsp.h>

using namespace boni;

TEST_CASE("both laws decode every code as spandsp does, and encode every sample to a code as near as any other") {
    auto const* const alaw = media::find_codec("PCMA");
    auto const* const ulaw = media::find_codec("PCMU");
    REQUIRE(alaw);
    REQUIRE(ulaw);
    for (auto code = 0; code < 256; ++code) {
        CAPTURE(code);
        std::array const in{std::uint8_t(code)};
        std::array<std::int16_t, 1> out{};
        alaw->decode(in, out);
        CHECK(out[0] == ::alaw_to_linear(std::uint8_t(code)));
        ulaw->decode(in, out);
        CHECK(out[0] == ::ulaw_to_linear(std::uint8_t(code)));
    }
    std::vector<std::int16_t> all;
    for (auto sample = -32'768; sample <= 32'767; ++sample) all.push_back(std::int16_t(sample));
    for (auto const* const codec : {alaw, ulaw}) {
        std::vector<std::uint8_t> codes(all.size());
        CHECK(codec->encode(all, codes) == all.size());
        std::vector<std::int16_t> back(all.size());
        codec->decode(codes, back);
        auto worst = 0.0;
        for (auto i = 0uz; i < all.size(); ++i) {
            auto const size = std::abs(double(all[i]));
            worst = std::max(worst, (std::abs(double(back[i]) - all[i]) - 16) / std::max(1.0, size));
        }
        CHECK(worst < 0.035);   // half a step of 16 per segment, beside the rounding of the smallest
    }
}

TEST_CASE("codes of the recommendation: silence, full scale, a mid value") {
    struct Case { char const* codec; std::int16_t sample; std::uint8_t code; };
    for (auto const& [codec, sample, code] : {Case{"PCMU", 0, 0xff}, {"PCMU", 32'767, 0x80}, {"PCMU", -32'768, 0x00}, {"PCMU", 1000, 0xce},
                                              {"PCMA", 0, 0xd5}, {"PCMA", 32'767, 0xaa}, {"PCMA", -32'768, 0x2a}, {"PCMA", 1000, 0xfa}}) {
        CAPTURE(codec);
        CAPTURE(sample);
        std::array const in{sample};
        std::array<std::uint8_t, 1> out{};
        media::find_codec(codec)->encode(in, out);
        CHECK(int(out[0]) == int(code));
    }
    CHECK(media::find_codec("PCMA")->silence == 0xd5);
    CHECK(media::find_codec("telephone-event") == nullptr);
    CHECK(media::find_codec("G729") == nullptr);
}
