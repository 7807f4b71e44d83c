// Between the pipeline's 8 kHz samples and a stream's payload bytes, both ways. Thread: the stream's; they keep state between frames.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/resample.hpp"
#include "stream/content_type.hpp"

namespace boni::stream {

class Encoder {
  public:
    explicit Encoder(ContentType const& type);
    /// The bytes of one frame: 20 ms in, 20 ms out, whatever the rate.
    std::string encode(std::span<std::int16_t const> samples);

  private:
    ContentType::Encoding encoding_;
    media::Resampler resampler_;
    std::vector<std::int16_t> wide_;
};

class Decoder {
  public:
    explicit Decoder(ContentType const& type);
    /// Errc::malformed when the bytes hold no whole number of samples.
    Result<std::vector<std::int16_t>> decode(std::string_view payload);
    /// Forgets the tail of what was decoded before.
    void reset() { resampler_.reset(); }

  private:
    ContentType::Encoding encoding_;
    media::Resampler resampler_;
};

}  // namespace boni::stream
