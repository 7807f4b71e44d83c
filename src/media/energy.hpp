// How loud samples are, before it is a level. Pure. Thread: any.
#pragma once

#include <cstdint>
#include <span>

namespace boni::media {

/// The sum of their squares; in integers, so that the compiler may add them side by side.
inline std::int64_t energy(std::span<std::int16_t const> samples) {
    std::int64_t sum = 0;
    for (auto const sample : samples) sum += std::int32_t{sample} * sample;
    return sum;
}

}  // namespace boni::media
