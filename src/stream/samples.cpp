#include "stream/samples.hpp"

#include "media/codec.hpp"

namespace boni::stream {
namespace {

using Encoding = ContentType::Encoding;

media::Codec const& law(Encoding encoding) {
    static auto const& mu = *media::find_codec("PCMU");
    static auto const& a = *media::find_codec("PCMA");
    return encoding == Encoding::mulaw ? mu : a;
}

}  // namespace

Encoder::Encoder(ContentType const& type) : encoding_{type.encoding}, resampler_{media::sample_hz, type.rate} {}

std::string Encoder::encode(std::span<std::int16_t const> samples) {
    if (encoding_ != Encoding::l16) {
        std::string out(samples.size(), '\0');
        law(encoding_).encode(samples, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
        return out;
    }
    wide_.clear();
    resampler_.process(samples, wide_);
    std::string out;
    out.reserve(2 * wide_.size());
    for (auto const sample : wide_) {    // little-endian
        out.push_back(char(sample));
        out.push_back(char(std::uint16_t(sample) >> 8));
    }
    return out;
}

Decoder::Decoder(ContentType const& type) : encoding_{type.encoding}, resampler_{type.rate, media::sample_hz} {}

Result<std::vector<std::int16_t>> Decoder::decode(std::string_view payload) {
    std::span const bytes{reinterpret_cast<std::uint8_t const*>(payload.data()), payload.size()};
    if (encoding_ != Encoding::l16) {
        std::vector<std::int16_t> out(bytes.size());
        law(encoding_).decode(bytes, out);
        return out;
    }
    if (bytes.size() % 2 != 0) return fail(Errc::malformed, "half a sample");
    std::vector<std::int16_t> wide(bytes.size() / 2), out;
    for (auto i = 0uz; i < wide.size(); ++i) wide[i] = std::int16_t(std::uint16_t(bytes[2 * i] | bytes[2 * i + 1] << 8));
    resampler_.process(wide, out);
    return out;
}

}  // namespace boni::stream
