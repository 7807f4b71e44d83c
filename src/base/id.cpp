#include "base/id.hpp"

#include <array>
#include <cstdint>
#include <mutex>

#include "base/crypto.hpp"

namespace boni {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Guarded by its mutex: the last ULID, so that ids of one millisecond still ascend.
struct Last {
    std::mutex mutex;
    std::uint64_t ms = 0;
    std::array<std::uint8_t, 10> random{};
};

void increment(std::array<std::uint8_t, 10>& number) {
    for (auto at = number.rbegin(); at != number.rend(); ++at)
        if (++*at != 0) return;
}

}  // namespace

std::string new_ulid(Instant now) {
    static Last last;
    std::array<std::uint8_t, 16> bytes{};
    {
        std::lock_guard const lock{last.mutex};
        auto const ms = std::uint64_t(unix_ms(now));
        if (ms > last.ms) {
            last.ms = ms;
            random_bytes(last.random);
            last.random[0] &= 0x7f;  // room to count up without overflow
        } else {
            increment(last.random);
        }
        for (auto i = 0; i < 6; ++i) bytes[std::size_t(i)] = std::uint8_t(last.ms >> (40 - 8 * i));
        std::copy(last.random.begin(), last.random.end(), bytes.begin() + 6);
    }
    // 128 bits as 26 digits of 5 bits: two leading zero bits, then the bytes.
    std::string text(26, '0');
    unsigned buffer = 0;
    auto bits = 2;
    auto out = text.begin();
    for (auto const byte : bytes) {
        buffer = buffer << 8 | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            *out++ = alphabet[buffer >> bits & 31];
        }
    }
    return text;
}

bool is_ulid(std::string_view text) {
    if (text.size() != 26 || text[0] > '7') return false;
    return text.find_first_not_of(alphabet) == std::string_view::npos;
}

}  // namespace boni
