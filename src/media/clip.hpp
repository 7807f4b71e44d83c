// Decoded audio, ready to be played on any number of calls at once. Thread: any; immutable once shared.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace boni::media {

/// Mono, 16-bit, native byte order, the same audio at both rates the pipeline works in.
struct Pcm {
    std::vector<std::int16_t> narrow;  ///< 8 kHz
    std::vector<std::int16_t> wide;    ///< 16 kHz; empty when only narrowband legs will play it

    std::chrono::milliseconds length() const { return std::chrono::milliseconds{narrow.size() / 8}; }
};

/// Shared, because the same prompt plays on 500 calls from one decode while a cache may already have dropped it.
using Clip = std::shared_ptr<Pcm const>;

}  // namespace boni::media
